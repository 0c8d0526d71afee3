# Two agents in two worktrees work on tasks that overlap. Both requests land by the host's merge button, which runs no
# merge driver, and the history says who did what.
git init -q --bare -b main origin.git
tracker repo
wrkqadm actor add codex --role agent --commit
wrkqadm actor add claude --role agent --commit
wrkq touch shop/auth/login --label auth --body "$(printf '## Acceptance criteria\n\n- [ ] keyboard\n- [ ] screen reader\n')" --commit
wrkq touch shop/auth/logout --commit
git remote add origin ../origin.git
git push -q -u origin main
git worktree add -q -b feature/codex ../codex
git worktree add -q -b feature/claude ../claude

cd ../codex
wrkq --as codex start shop/auth/login --commit
wrkq --as codex tick shop/auth/login keyboard --commit
wrkq --as codex set shop/auth/login --add-label keyboard --commit
wrkq --as codex comment add shop/auth/login "Tab order was wrong." --commit
echo 'print("keys")' >>app.py
git commit -q -a -m "Keyboard focus"
git push -q -u origin feature/codex

cd ../claude
has "codex" wrkq find --in-flight
wrkq --as claude tick shop/auth/login "screen reader" --commit
wrkq --as claude set shop/auth/login --add-label a11y --priority 1 --commit
wrkq --as claude start shop/auth/logout --commit
wrkq --as claude done shop/auth/logout --summary "It signs out." --commit
git push -q -u origin feature/claude

cd ../repo
has "Tab order was wrong." wrkq bundle request feature/codex
git merge -q --no-ff -m "Merge request 1" feature/codex
git push -q origin main
fails 1 git merge -q --no-ff -m "Merge request 2" feature/claude
git merge --abort
has "" wrkq bundle check feature/claude
wrkq bundle sync feature/claude
git merge -q --no-ff -m "Merge request 2" feature/claude
git push -q origin main

has "state: in_progress" cat wrkq/shop/auth/login.md
has "priority: 1" cat wrkq/shop/auth/login.md
for word in a11y auth keyboard "[x] keyboard" "[x] screen reader"; do has "$word" cat wrkq/shop/auth/login.md; done
has "codex" wrkq log shop/auth/login --json
has "claude" wrkq log shop/auth/login --json
has "claude" wrkq log shop/auth/logout --json
lacks "feature" wrkq find --in-flight
wrkq check
