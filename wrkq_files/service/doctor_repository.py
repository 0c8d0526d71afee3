"""Checks of the repository that a tracker lies in."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.git import gitindex, health, history, journal, lock, read, signing
from wrkq_files.service import driving, hooks
from wrkq_files.service.health import ERROR, WARNING, Health, fixable, ok, some, typed
from wrkq_files.service.tracker import Tracker

#: Seconds after which a lock of another program is more likely dead than at work (an editor in ``git commit`` lives).
_OLD_LOCK: Final = 600


def version(tracker: Tracker) -> Health:
    found = health.version(tracker.repo)
    least = ".".join(map(str, health.OLDEST))
    if health.version_numbers(found) >= health.OLDEST:
        return ok(found)
    return Health(ERROR, found, f"{least} or later", "git --version  # then install a newer one", plain=True)


def ownership(tracker: Tracker) -> Health:
    """git refuses to work in a repository that belongs to another user, until it is told to trust it."""
    try:
        read.tracked(tracker.repo)
    except WrkqError as error:
        if "safe.directory" not in error.hint:
            raise
        message = "git refuses the repository: it belongs to another user"
        remedy = f"git config --global --add safe.directory {quote(str(tracker.repo.top))}"
        raise WrkqError(error.code, message, hint=remedy, details=error.details) from error
    return ok("git works in it")


def identity(tracker: Tracker) -> Health:
    found = read.identity(tracker.repo)
    if found and all(part.strip() for part in found):
        return ok(f"{found[0]} <{found[1]}>", plain=False)
    expected = "user.name and user.email, or nothing can be committed"
    remedy = 'git config user.name "Your Name" && git config user.email you@example.org'
    return Health(ERROR, "git does not know who you are", expected, remedy, plain=True)


def signatures(tracker: Tracker) -> Health:
    config = health.config(tracker.repo)
    if not signing.wanted(config):
        return ok("off")
    wrong = signing.problem(config)
    if not wrong:
        return ok(f"on, with {signing.program(config)}", plain=False)
    remedy = "git config commit.gpgsign false  # or mend the key"
    return Health(ERROR, f"commit.gpgsign is on, and {wrong}", "a key program and its key", remedy)


def git_hooks(tracker: Tracker) -> Health:
    """Whether the hooks are as they were put in. Having none is fine: another hook or a server may check as well."""
    _, found = hooks.status(tracker.door._replace(root=tracker.root))
    amiss = {hook.name: hook.state for hook in found if hook.state not in (hooks.INSTALLED, hooks.CHAINED)}
    if not amiss:
        return ok(f"{len(found)} installed")
    if set(amiss.values()) == {hooks.MISSING} and len(amiss) == len(found):
        return ok("none of ours (wrkq hooks install)")
    said = ", ".join(f"{name} {state}" for name, state in amiss.items())
    return Health(WARNING, said, "all installed", "wrkq hooks status; wrkq hooks install", plain=True)


def merge_driver(tracker: Tracker) -> Health:
    """Whether git merges documents with our driver, where that was asked for: it comes with the hooks."""
    found = driving.look(tracker.repo)
    if found.state == hooks.MISSING:
        if _has_hooks(tracker):
            return fixable(WARNING, "the hooks are installed, the driver is not", "both", plain=True)
        return ok("none: git merges by lines (wrkq hooks install)")
    if found.state == hooks.EDITED:
        return Health(WARNING, found.how, "as it was put in", "wrkq hooks status; wrkq hooks install", plain=True)
    if found.state == hooks.OUTDATED:
        return fixable(WARNING, found.how, "the driver, for every document")
    if not driving.has_program(tracker.repo):
        said = f"installed, and git finds no {driving.PROGRAM}: it merges by lines"
        return Health(WARNING, said, f"{driving.PROGRAM} on PATH", "pip install wrkq-files", plain=True)
    return ok("installed")


def mend_merge_driver(tracker: Tracker) -> str:
    done = driving.put_in(tracker.repo)
    return "; ".join(["installed the merge driver" if done.changed else "it is there meanwhile", *done.notes])


def _has_hooks(tracker: Tracker) -> bool:
    try:
        _, found = hooks.status(tracker.door._replace(root=tracker.root))
    except WrkqError:  # they are turned off altogether
        return False
    return any(hook.state != hooks.MISSING for hook in found)


def head(tracker: Tracker) -> Health:
    if operation := read.in_progress(tracker.repo):
        ending = "git bisect reset" if operation == "bisect" else f"git {operation} --continue"
        expected = "none: nothing is committed meanwhile"
        return Health(WARNING, f"a {operation} is in progress", expected, ending, plain=True)
    branch = tracker.repo.branch()
    if branch is None:
        remedy = "git switch -c NAME  # or: git switch BRANCH"
        return Health(WARNING, "HEAD is on no branch", "a branch, or commits get lost", remedy, plain=True)
    return ok(f"on {branch}" if tracker.repo.head() else f"on {branch}, no commit yet", plain=False)


def locks(tracker: Tracker) -> Health:
    """git's own lock files: while one is there, nothing can be committed."""
    found = [each for each in health.locks(tracker.repo) if not (each.ours and is_writing(tracker))]
    if not found:
        return ok("none")
    first = found[0]
    said = f"{first.path.name}, {_age(first.age)} old"
    if first.ours:
        return fixable(ERROR, f"{said}, left by a killed command of ours", "none", plain=True)
    if first.age < _OLD_LOCK:
        return Health(WARNING, f"{said}: git is at work", "none, soon", "wrkq doctor  # again in a while", plain=True)
    name = str(first.path.relative_to(tracker.repo.top)) if first.path.is_relative_to(tracker.repo.top) else ""
    place = typed(tracker, name) if name else str(first.path)
    return Health(ERROR, said, "none", f"rm {place}  # when no git is running", plain=True)


def mend_locks(tracker: Tracker) -> str:
    with lock.worktree_lock(tracker.repo, timeout=0):
        gone = gitindex.remove_our_lock(tracker.repo)
    return "removed the index.lock that a killed command of ours left" if gone else "it has gone meanwhile"


def shallow(tracker: Tracker) -> Health:
    if not history.is_shallow(tracker.repo):
        return ok("all of it")
    expected = "all of it: ids and dates of files typed by hand come from their first commit"
    return Health(WARNING, "cut: this is a shallow clone", expected, "git fetch --unshallow", plain=True)


def partial(tracker: Tracker) -> Health:
    """A partial clone asks its remote for what it needs; a sparse checkout leaves files out of the worktree."""
    hidden = [each.path for each in health.tracked(tracker.repo, tracker.prefix) if each.hidden]
    if hidden:
        remedy = f"git sparse-checkout add {quote(tracker.prefix or '.')}"
        return Health(WARNING, f"a sparse checkout hides {some(hidden, 'file')}", "every file of the tracker", remedy)
    remotes = health.promisors(tracker.repo)
    if remotes:
        remedy = f"git fetch --refetch --no-filter {remotes[0]}"
        return Health(WARNING, f"a partial clone of {', '.join(remotes)}", "every version, without a network", remedy)
    return ok("complete")


def is_writing(tracker: Tracker) -> bool:
    """Whether a command of ours is at work in this worktree: it keeps things aside that are no leftovers."""
    try:
        with lock.worktree_lock(tracker.repo, timeout=0):
            return False
    except WrkqError as error:
        return error.code == "busy"


def leftovers(tracker: Tracker) -> Health:
    """What a killed command kept aside; the next write mends it, and so does the next command that may."""
    begun = journal.folder(tracker.repo).exists()
    files = _aside(tracker)
    if not (begun or files) or is_writing(tracker):
        return ok("none")
    said = ["a write that was not finished"] if begun else []
    said += [f"{len(files)} temporary file{'s' if len(files) != 1 else ''}"] if files else []
    return fixable(WARNING, f"{' and '.join(said)}, left by a killed command", "none", plain=True)


def mend_leftovers(tracker: Tracker) -> str:
    """Under the lock every file that is kept aside is a dead writer's: the journal's first, then what it has lost."""
    with lock.worktree_lock(tracker.repo, timeout=0):
        found = journal.recover(tracker.repo, timeout=1)
        rest = _aside(tracker)
        for place in rest:
            place.unlink(missing_ok=True)
    return found.words if found else f"removed {some([place.name for place in rest], 'temporary file')}"


def _aside(tracker: Tracker) -> list[Path]:
    return health.aside(tracker.root, lambda folder: tracker.ignores(f"{folder}/"))


def _age(seconds: float) -> str:
    for size, noun in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {noun}{'s' if count > 1 else ''}"
    return f"{int(seconds)} s"
