"""``wrkq doctor``: whether this worktree is fit for work, check by check, and mending what needs no decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.service import doctor_base as base
from wrkq_files.service import doctor_history as past
from wrkq_files.service import doctor_repository as repository
from wrkq_files.service import doctor_tracker as files
from wrkq_files.service.health import ERROR, OK, Health
from wrkq_files.service.tracker import Door, Tracker, open_tracker

#: What is expected of a check that failed.
_LOOKED_AT: Final = "an answer, whatever it is"


class Check(NamedTuple):
    """One check: what it looks at, and what ``--fix`` does about it (see :class:`Mend`)."""

    name: str
    look: Callable[[Tracker], Health]
    mend: Mend | None = None


class Mend(NamedTuple):
    """``does`` says what would be done; ``act`` does it, and says what was done."""

    does: str
    act: Callable[[Tracker], str]


class Row(NamedTuple):
    """A check's name, and what it saw: see :class:`wrkq_files.service.health.Health`."""

    name: str
    status: str
    observed: str
    expected: str
    remedy: str
    fixable: bool
    plain: bool = False


class Mended(NamedTuple):
    """What ``--fix`` did about a check, or would do. ``error``: why it could not."""

    name: str
    done: str
    error: str = ""
    diff: str = ""


def _mend_attributes(tracker: Tracker) -> str:
    return f"wrote {files.mend_attributes(tracker).subject}; commit it: wrkq commit"


_ATTRIBUTES: Final = Mend("write the missing lines of .gitattributes", _mend_attributes)

#: A table of data: the order is that of the answer; what others depend on comes first.
CHECKS: Final[Sequence[Check]] = (
    Check("format", files.format_),
    Check("settings", files.settings),
    Check("git", repository.version),
    Check("owner", repository.ownership),
    Check("identity", repository.identity),
    Check("signing", repository.signatures),
    Check("hooks", repository.git_hooks),
    Check(
        "merge driver",
        repository.merge_driver,
        Mend("put the merge driver into this clone's configuration", repository.mend_merge_driver),
    ),
    Check("head", repository.head),
    Check("base", base.base),
    Check("leftovers", repository.leftovers, Mend("finish or undo what was left", repository.mend_leftovers)),
    Check("locks", repository.locks, Mend("remove our index.lock", repository.mend_locks)),
    Check("history", repository.shallow),
    Check("clone", repository.partial),
    Check("attributes", files.attributes, _ATTRIBUTES),
    Check("line ends", files.line_ends, _ATTRIBUTES),
    Check("ignored", files.ignored),
    Check("modes", files.modes),
    Check("names", files.names),
    Check("unreadable", files.unreadable),
    Check("uncommitted", files.uncommitted),
    Check("undone writes", past.undone),
    Check("index", files.index, Mend("build the index anew, remove its old files", files.mend_index)),
)


def examine(door: Door, checks: Sequence[Check] = CHECKS) -> list[Row]:
    """A row for each check, nothing changed. A check that cannot be made is an error with its reason.

    Where several fail for one reason (git refuses the repository, the format is not ours), the first one says it, and
    names the others.
    Raises only what opening does: ``not_a_repository``, ``bare_repository``, ``no_tracker``.
    """
    tracker = _opened(door)
    rows: list[Row] = []
    failed: dict[Any, tuple[int, list[str]]] = {}  # by reason: the row that says it, the other checks
    for number, check in enumerate(checks):
        if door.progress:
            door.progress("looking", number, len(checks))
        try:
            rows.append(_row(check, check.look(tracker)))
        except Exception as error:  # whatever is wrong with a repository, the other checks go on
            if known := failed.get(_reason(error)):
                known[1].append(check.name)
            else:
                failed[_reason(error)] = (len(rows), [])
                rows.append(_row(check, _failure(error)))
    if door.progress:
        door.progress("looking", len(checks), len(checks))
    for place, others in failed.values():
        if others:
            rows[place] = rows[place]._replace(observed=f"{rows[place].observed} (so with {', '.join(others)})")
    return rows


def mend(door: Door, rows: Sequence[Row], *, dry_run: bool = False) -> list[Mended]:
    """Does what can be done without a person's decision about the rows that are not well; nothing is committed."""
    by_name = {check.name: check.mend for check in CHECKS}
    wanted = {by_name[row.name]: row.name for row in reversed(rows) if row.fixable and row.status != OK}
    return [_mended(_opened(door), name, each, dry_run) for each, name in reversed(wanted.items()) if each]


def _mended(tracker: Tracker, name: str, how: Mend, dry_run: bool) -> Mended:
    if dry_run:
        diff = files.mend_attributes(tracker, dry_run=True).diff if how is _ATTRIBUTES else ""
        return Mended(name, how.does, diff=diff)
    try:
        _ = tracker.config  # files of a newer format are not ours to write, not even beside the documents
        return Mended(name, how.act(tracker))
    except WrkqError as error:
        return Mended(name, how.does, error=error.message)
    except OSError as error:
        return Mended(name, how.does, error=str(error))


def _opened(door: Door) -> Tracker:
    return open_tracker(door, as_found=True)


def _row(check: Check, seen: Health) -> Row:
    return Row(check.name, *seen)


def _failure(error: Exception) -> Health:
    if isinstance(error, WrkqError):
        return Health(ERROR, f"cannot be told: {error.message}", _LOOKED_AT, error.hint)
    return Health(ERROR, f"cannot be told: {type(error).__name__}: {error}", _LOOKED_AT)


def _reason(error: Exception) -> Any:
    """What is the same for all checks that fail for one reason; git says it on its stderr."""
    if isinstance(error, WrkqError):
        return error.details.get("stderr") or error.message
    return repr(error)
