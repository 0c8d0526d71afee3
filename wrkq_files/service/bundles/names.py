"""What bundles are called: ``NAME`` is the branch ``wrkq/NAME``, unless there is a branch ``NAME``."""

from __future__ import annotations

import re
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.git import branches
from wrkq_files.git.branches import LOCAL, Branch
from wrkq_files.git.repo import Repo

#: What the names of bundles' branches begin with.
PREFIX: Final = "wrkq/"
#: The standing bundles of those who may not write to the base; no other bundle is called so.
PENDING: Final = "pending/"
#: Where the tips of bundles are kept that were dropped, or moved away from.
ARCHIVE: Final = "refs/wrkq/archive/"
#: What ``for-each-ref`` would take for a pattern, or git for something else than a name.
_NO_NAME: Final = re.compile(r"[*?\[\\^~:\s\x00-\x20\x7f]|^-|\.\.|@\{|//|^/|/$|^$")
_LISTED: Final = 8


def short(name: str) -> str:
    """What a branch is called as a bundle."""
    return name.removeprefix(LOCAL).removeprefix(PREFIX)


def listed(repo: Repo) -> list[str]:
    """What every local branch is called as a bundle, those below ``wrkq/`` first."""
    there = branches.branches(repo, LOCAL)
    return [short(each.name) for each in sorted(there, key=lambda each: not each.name.startswith(PREFIX))]


def find(repo: Repo, name: str) -> Branch | None:
    """The bundle's branch. Raises ``usage`` for what can be no name."""
    wanted = _refs(name)
    there = {each.ref: each for each in branches.branches(repo, *wanted)}
    return there.get(wanted[0]) or there.get(wanted[1])


def quickly(repo: Repo, name: str) -> tuple[str, str] | None:
    """The bundle's branch by its full name, and its tip, from git's files. Raises ``usage``."""
    for ref in _refs(name):
        if tip := repo.ref(ref):
            return ref, tip
    return None


def _refs(name: str) -> tuple[str, str]:
    plain = name.removeprefix(LOCAL)
    if _NO_NAME.search(plain):
        raise WrkqError("usage", f"`{name}` can be no branch's name", hint="letters, digits, hyphens and slashes")
    return f"{LOCAL}{plain}", f"{LOCAL}{PREFIX}{plain}"


def required(repo: Repo, name: str) -> Branch:
    """The bundle's branch. Raises ``not_found``, naming those that exist."""
    found = find(repo, name)
    if found is None:
        there = [short(each.name) for each in branches.branches(repo, f"{LOCAL}{PREFIX}")]
        more = ", …" if there[_LISTED:] else ""
        known = f"there are: {', '.join(there[:_LISTED])}{more}" if there else "there is none yet"
        hint = f"wrkq bundle start {name.removeprefix(PREFIX)} makes it; {known}"
        raise WrkqError("not_found", f"there is no bundle `{name}`", hint=hint, details={"bundles": there})
    return found


def new_ref(repo: Repo, name: str) -> str:
    """The full name of the branch that a new bundle gets. Raises ``usage``, ``exists``."""
    plain = name.removeprefix(PREFIX)
    there = find(repo, plain)
    if there is not None:
        hint = f"wrkq bundle show {plain}; or choose another name"
        raise WrkqError("exists", f"there is a branch {there.name} already", hint=hint)
    if not branches.is_name(repo, PREFIX + plain):
        raise WrkqError("usage", f"`{name}` can be no branch's name", hint="letters, digits, hyphens and slashes")
    if plain.startswith(PENDING):
        message = f"{PREFIX}{PENDING} is kept for what waits for the base"
        raise WrkqError("usage", message, hint="choose another name")
    return f"{LOCAL}{PREFIX}{plain}"
