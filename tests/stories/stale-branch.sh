# A branch that was left lying while main finished its tasks: it says so wherever it is looked at.
tracker repo
wrkq touch shop/auth/login shop/auth/logout --commit
git switch -q -c old
echo 'print("more")' >>app.py
git commit -q -a -m "work that nobody finished"
git switch -q main
wrkq done shop/auth/login --summary "It logs in." --commit
wrkq mv shop/auth/logout shop/auth/sign-out --commit

git switch -q old
has "~ completed on main" wrkq ls shop/auth
has "completed on main since this branch left it" wrkq set shop/auth/login --priority 1 --no-commit
git checkout -q -- wrkq
has "~ completed on main" wrkq cat shop/auth/login
has "on_base" wrkq ls shop/auth --fields id,on_base --json
has "1 ahead and 2 behind" wrkq status
lacks "login" sh -c 'wrkq standup --since HEAD~1 --json | grep -A3 "\"added\"" || true'

git merge -q -m "bring main here" main
lacks "on main" wrkq ls -a shop/auth
has "completed" wrkq find --state completed
has "sign-out" wrkq ls shop/auth
