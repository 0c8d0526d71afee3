"""From what a person types for a moment of the past (a revision, a time) to the commit that was there then."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.git import history, revisions
from wrkq_files.git.repo import Repo
from wrkq_files.git.revisions import Revision
from wrkq_files.model import times

_SECOND: Final = timedelta(seconds=1)
_DAYS: Final = {"today": 0, "yesterday": -1}
_SHORT: Final = 8
_CUT: Final = "this clone is cut short; git fetch --unshallow brings the rest"


def commit_at(repo: Repo, now: datetime, text: str) -> Revision:
    """The commit that a revision names, else the last one of HEAD's branch at the end of a time.

    Where a word is both, git wins. Raises WrkqError ``not_found``, ``ambiguous``.
    """
    if found := revisions.named(repo, text):
        return found
    then = moment(text, now, end=True)
    if then is None:
        hint = "a branch, tag or id, HEAD~3; or a time: 2026-01-19, 2026-01-19T14:24Z, yesterday, 3d, 12h, 2w"
        if history.is_shallow(repo):
            hint += f"; {_CUT}"
        raise WrkqError("not_found", f"`{text}` is neither a revision that git knows nor a time", hint=hint)
    if found := revisions.last_before(repo, int(then.timestamp())):
        return found
    raise _too_early(repo, text)


def moment(text: str, now: datetime, *, end: bool) -> datetime | None:
    """When a time begins, or with ``end`` its last second; None when the text is no time.

    A date is a day, and a time without seconds a minute. Without a zone they are those of the machine's clock.
    ``yesterday`` and ``today`` are days, ``3d`` and ``-3d`` that long ago.
    """
    word = text.strip()
    try:
        if word.lower() in _DAYS:
            word = (now.astimezone() + timedelta(days=_DAYS[word.lower()])).date().isoformat()
        if found := times.written(word):
            begin, length = found
            # Added before the zone is known: a day on which clocks are changed ends at midnight too.
            return _instant(begin + length) - _SECOND if end else _instant(begin)
    except (OverflowError, ValueError):  # at the ends of the calendar
        return None
    return times.ago(word, now)


def midnight(day: date) -> datetime:
    """When a day begins, by the machine's clock."""
    return _instant(datetime.combine(day, datetime.min.time()))


def _instant(written: datetime) -> datetime:
    # Not astimezone: where clocks leap over midnight, that comes out an hour early.
    return written if written.tzinfo else datetime.fromtimestamp(written.timestamp()).astimezone()


def shown(revision: Revision) -> str:
    """``1a2b3c4d 2026-01-19 14:24``: a commit and its time, by the machine's clock."""
    try:
        return f"{revision.id[:_SHORT]} {datetime.fromtimestamp(revision.time).astimezone():%Y-%m-%d %H:%M}"
    except (OverflowError, ValueError, OSError):  # a commit may claim any time
        return revision.id[:_SHORT]


def _too_early(repo: Repo, text: str) -> WrkqError:
    begin = revisions.first(repo)
    if begin is None:
        message = f"there is no commit yet, so none at `{text}`"
        return WrkqError("not_found", message, hint="git commit makes the first")
    if history.is_shallow(repo):
        message = f"`{text}` is before what this clone has: it is cut, and begins with {shown(begin)}"
        return WrkqError("not_found", message, hint="git fetch --unshallow brings the rest")
    message = f"`{text}` is before the first commit: history begins with {shown(begin)}"
    return WrkqError("not_found", message, hint=f"the first: --at {begin.id[:_SHORT]}")
