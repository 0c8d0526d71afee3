# A file that two branches make by hand: alike it is one document with one id; otherwise a conflict that can be settled.
tracker repo
wrkq hooks install
git switch -q -c side
printf -- '---\ntitle: Same\n---\n\nBoth wrote this.\n' >wrkq/shop/same.md
printf -- '---\ntitle: Theirs\n---\n\nOne.\n' >wrkq/shop/other.md
git add -A && git commit -q -m "by hand, there"
wrkq fmt shop/same --commit
git switch -q main
printf -- '---\ntitle: Same\n---\n\nBoth wrote this.\n' >wrkq/shop/same.md
printf -- '---\ntitle: Ours\n---\n\nOne.\n' >wrkq/shop/other.md
git add -A && git commit -q -m "by hand, here"
wrkq set shop/same --priority 1 --commit
fails 1 git merge -q --no-edit side
has "title" wrkq conflicts
has "Theirs" wrkq conflicts
wrkq resolve shop/other --theirs
git commit -q --no-edit
has "title: Theirs" cat wrkq/shop/other.md
has "priority: 1" cat wrkq/shop/same.md
[ "$(grep -c '^id: ' wrkq/shop/same.md)" = 1 ]
wrkq check
