# A bundle that the host squashes: what was done is still told, operation by operation, and nothing of it is in flight.
tracker repo
wrkq touch shop/auth/login --commit
wrkq bundle start login
wrkq --bundle login start shop/auth/login
wrkq --bundle login comment add shop/auth/login "The button was hidden."
wrkq --bundle login done shop/auth/login --summary "It logs in."
lacks "state:" cat wrkq/shop/auth/login.md
has "wrkq/login  completed" wrkq find --in-flight --fields path,branch,state,what
wrkq bundle request login >../request.md
has "The button was hidden." cat ../request.md

git merge -q --squash wrkq/login
git commit -q -F ../request.md
has "state: completed" cat wrkq/shop/auth/login.md
has "of which nothing is left" wrkq log shop/auth/login
has "comment.created" wrkq log shop/auth/login --json
lacks "login" wrkq find --in-flight
wrkq bundle drop login --force
fails 1 git rev-parse -q --verify wrkq/login
