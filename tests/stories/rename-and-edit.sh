# A task is moved and rewritten on one side, and edited on the other: git merge, with the driver, keeps both.
tracker repo
wrkq hooks install
wrkq touch shop/auth/login --priority 3 --body "$(printf 'One.\n\nTwo.\n\nThree.\n')" --commit
git switch -q -c side
wrkq mv shop/auth/login shop/auth/sign-in --commit
wrkq set shop/auth/sign-in --title "Sign in" --add-label auth --commit
git switch -q main
wrkq set shop/auth/login --priority 1 --due 2026-12-24 --commit
git merge -q --no-edit side
[ ! -e wrkq/shop/auth/login.md ]
for line in "title: Sign in" "priority: 1" "due: 2026-12-24" "- auth"; do has "$line" cat wrkq/shop/auth/sign-in.md; done

# A container moves, and somebody adds to it and edits in it: in memory, as a bundle lands.
wrkq bundle start more
wrkq --bundle more touch shop/auth/forgot-password
wrkq --bundle more set shop/auth/sign-in --assignee me
wrkq mv shop/auth shop/account --commit
wrkqadm bundle apply more
has "assignee:" cat wrkq/shop/account/sign-in.md
has "title:" cat wrkq/shop/account/forgot-password.md
[ ! -e wrkq/shop/auth ]
wrkq check
