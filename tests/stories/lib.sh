# What the stories share. Each runs in an empty folder, with `wrkq` and `wrkqadm` of this checkout on PATH.

# has TEXT COMMAND...: the command succeeds, and what it says (on either stream) has the text in it.
has() {
    wanted=$1
    shift
    said=$("$@" 2>&1) || { echo "failed: $*: $said" >&2; exit 1; }
    case $said in *"$wanted"*) ;; *) echo "$*: no \`$wanted\` in: $said" >&2; exit 1 ;; esac
}

# lacks TEXT COMMAND...: it succeeds, and says nothing of the kind.
lacks() {
    unwanted=$1
    shift
    said=$("$@" 2>&1) || { echo "failed: $*: $said" >&2; exit 1; }
    case $said in *"$unwanted"*) echo "$*: there is \`$unwanted\` in: $said" >&2; exit 1 ;; esac
}

# fails STATUS COMMAND...: it ends with this status.
fails() {
    wanted=$1
    shift
    status=0
    said=$("$@" 2>&1) || status=$?
    [ "$status" = "$wanted" ] || { echo "$*: $status, not $wanted: $said" >&2; exit 1; }
}

# A repository with code and a tracker beside it, in the folder $1, everything committed on main.
tracker() {
    git init -q -b main "$1"
    cd "$1"
    echo 'print("hello")' >app.py
    wrkqadm init --commit >/dev/null
    git add -A
    git commit -q -m "the code"
    wrkq mkdir shop --kind project --commit >/dev/null
    wrkq mkdir shop/auth --kind feature --commit >/dev/null
}
