#!/bin/sh
# Brings .venv up to date and is silent when it is: tools/venv.sh PYTHON dev|runtime
set -eu
cd "$(dirname "$0")/.."
python=$1
wanted=$2

fail() {
    echo "wrkq-files: $1" >&2
    echo "Choose another one with: make PYTHON=/path/to/python3.11 ..." >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 || fail "there is no program '$python'; Python 3.11 or later is needed"
# The interpreter behind an activated .venv, too: it must survive that folder's removal.
facts=$("$python" -c 'import sys
age = "old" if sys.version_info < (3, 11) else "new"
base = getattr(sys, "_base_executable", None) or sys.executable
print("%d.%d.%d %s %s" % (sys.version_info[:3] + (age, base)))') || fail "'$python' does not run"
version=${facts%% *}
case $facts in
    *" old "*) fail "'$python' is Python $version; 3.11 or later is needed" ;;
esac
base=${facts#* new }

# A venv holds absolute paths, so it is for one interpreter and one folder.
made_for="$version $(pwd)"
if [ "$(cat .venv/made-for 2>/dev/null || :)" != "$made_for" ] || ! .venv/bin/python -c pass 2>/dev/null; then
    echo "Setting up .venv with Python $version"
    rm -rf .venv
    "$base" -m venv .venv >&2 || {
        rm -rf .venv
        fail "'$python' cannot make a virtual environment (on Debian and Ubuntu: apt install python3-venv)"
    }
    echo "$made_for" >.venv/made-for
fi

project=$(cksum <pyproject.toml)
installed=$(cat .venv/installed 2>/dev/null || :)
if [ "$installed" = "dev $project" ] || [ "$installed" = "$wanted $project" ]; then
    exit 0
fi
rm -f .venv/installed
case $wanted in
    dev) target='.[dev]' && echo "Installing wrkq-files with its development tools (once, about a minute)" ;;
    *) target='.' && echo "Installing wrkq-files and what it needs (once, half a minute)" ;;
esac
.venv/bin/python -m pip install -qq --editable "$target" >&2 || {
    echo "wrkq-files: pip could not install it; the reason is above" >&2
    exit 1
}
echo "$wanted $project" >.venv/installed
