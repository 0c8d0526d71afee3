"""Checks of the tracker's own files, and of what git and the file system make of them."""

from __future__ import annotations

import sys
import unicodedata
from functools import partial
from shlex import quote
from typing import Final

from wrkq_files.files import tree
from wrkq_files.files.config_file import FORMAT, format_of
from wrkq_files.git import health as git_health
from wrkq_files.git import trees
from wrkq_files.index import health as index_health
from wrkq_files.index.index import Index
from wrkq_files.model import layout
from wrkq_files.model.config import NOT_IN_FORCE
from wrkq_files.service import status
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.health import ERROR, WARNING, Health, fixable, ok, some, typed
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker

_ATTRIBUTES: Final = ".gitattributes"
_EXECUTABLE: Final = "100755"
_OFF: Final = ("false", "no", "off", "0", "")


def format_(tracker: Tracker) -> Health:
    """Which version of the format the files are written in."""
    found = format_of(tree.read(tracker.root / layout.CONFIG_NAME))
    problem = partial(Health, expected=f"format {FORMAT}", plain=True)
    if found is None:
        return problem(WARNING, f"{layout.CONFIG_NAME} names none: read as {FORMAT}", remedy="wrkqadm migrate")
    if found > FORMAT:
        return problem(ERROR, f"format {found}, of a newer program", remedy="pip install --upgrade wrkq-files")
    if found < FORMAT:
        return problem(ERROR, f"format {found}, which no other command works with", remedy="wrkqadm migrate")
    return ok(f"format {found}")


def settings(tracker: Tracker) -> Health:
    wrong = [f"{each.place}: {each.message}" for each in tracker.config_findings]
    if wrong:
        return Health(ERROR, some(wrong, "setting"), "settings that fit", f"wrkq check {layout.CONFIG_NAME}")
    idle = [name for name in NOT_IN_FORCE if name in tracker.config.raw]
    if idle:
        remedy = " && ".join(f'wrkqadm config set {name} ""' for name in idle)
        return Health(WARNING, f"without effect yet: {', '.join(idle)}", "settings in force", remedy, plain=True)
    return ok("they fit")


def attributes(tracker: Tracker) -> Health:
    """The lines that keep git from changing line ends, and have it merge documents with our driver."""
    data = tracker.read(_ATTRIBUTES) or b""
    missing = len(status.with_attributes(data).splitlines()) - len(data.splitlines())
    if not missing:
        return ok("as init writes them")
    said = f"{_ATTRIBUTES} lacks {missing} line{'s' if missing > 1 else ''} of ours"
    return fixable(WARNING, said, "line ends are kept, documents are merged by fields", plain=True)


def mend_attributes(tracker: Tracker, *, dry_run: bool = False) -> Written:
    """Written, and never committed: that is for the person to do, or for the next `wrkq commit`."""

    def plan() -> Change:
        old = tracker.read(_ATTRIBUTES)
        new = status.with_attributes(old or b"")
        if old is None:
            edit = FileEdit.create(_ATTRIBUTES, new)
        else:
            edit = FileEdit.modify(_ATTRIBUTES, status.with_attributes, {"body"})
        return Change("attributes", (), f"{_ATTRIBUTES}: the lines that keep line ends as they are", (edit,))

    return carry_out(tracker, plan, Options(commit=False, dry_run=dry_run))


def line_ends(tracker: Tracker) -> Health:
    """Whether git would store other bytes than a file has: by attributes, or by core.autocrlf."""
    paths = [path for path in _documents(tracker) if not path.startswith(_prefixed(tracker, layout.ATTACHMENTS))]
    found = git_health.rewriting(tracker.repo, paths)
    converts = git_health.config(tracker.repo).get("core.autocrlf", "false").lower() not in _OFF
    changed = [path for path in paths if _rewrites(found.get(path, {}), converts)]
    if not changed:
        return ok("kept byte for byte")
    first = found.get(changed[0], {})
    why = ", ".join(f"{name}={value}" for name, value in first.items()) or "core.autocrlf"
    expected = f"none: `-text` in {_ATTRIBUTES}"
    if attributes(tracker).fixable:
        return fixable(WARNING, f"git may change {some(changed, 'file')} ({why})", expected)
    remedy = f"git check-attr -a -- {typed(tracker, changed[0])}  # a .gitattributes nearer to it says so"
    return Health(WARNING, f"git may change {some(changed, 'file')} ({why})", expected, remedy)


def _rewrites(given: dict[str, str], converts: bool) -> bool:
    if any(given.get(name, "unset") != "unset" for name in ("filter", "ident", "working-tree-encoding")):
        return True
    text = given.get("text")
    return text != "unset" and (text is not None or "eol" in given or converts)


def ignored(tracker: Tracker) -> Health:
    found = git_health.ignored(tracker.repo, tracker.prefix, _documents(tracker))
    if not found:
        return ok("none")
    remedy = f"git check-ignore -v -- {typed(tracker, found[0])}  # names the line to remove"
    return Health(ERROR, f"git ignores {some(found, 'file')}", "none: they are in no commit", remedy)


def modes(tracker: Tracker) -> Health:
    """Files that git keeps as links (which are never followed) or as programs."""
    entries = git_health.tracked(tracker.repo, tracker.prefix)
    ours = [each for each in entries if _is_ours(tracker, each.path)]
    links = [each.path for each in ours if each.mode == trees.LINK]
    if links:
        remedy = f"git rm --cached -- {typed(tracker, links[0])}  # and put a file in its place"
        return Health(ERROR, f"{some(links, 'symbolic link')}", "plain files", remedy)
    attached = _prefixed(tracker, layout.ATTACHMENTS)
    programs = [each.path for each in ours if each.mode == _EXECUTABLE and not each.path.startswith(attached)]
    if programs:
        name = typed(tracker, programs[0])
        remedy = f"chmod a-x {name} && git update-index --chmod=-x -- {name}"
        return Health(WARNING, f"executable: {some(programs, 'file')}", "plain files", remedy)
    return ok("plain files")


def names(tracker: Tracker) -> Health:
    """What the file system makes of names, and what git believes it makes."""
    config = git_health.config(tracker.repo)
    believed = git_health.is_true(config.get("core.ignorecase", "false"))
    folds = (tracker.root / layout.CONFIG_NAME.upper()).exists()
    if believed != folds:
        said = f"core.ignorecase is {str(believed).lower()}, and the file system {'folds' if folds else 'keeps'} case"
        remedy = f"git config core.ignorecase {str(folds).lower()}"
        return Health(WARNING, said, "that they agree", remedy, plain=True)
    known = {each.path for each in git_health.tracked(tracker.repo, tracker.prefix)}
    strange = [path for path in _documents(tracker) if not unicodedata.is_normalized("NFC", path)]
    split = [path for path in strange if unicodedata.normalize("NFC", path) in known]
    if split or (sys.platform == "darwin" and not git_health.is_true(config.get("core.precomposeunicode", "false"))):
        said = f"git knows {some(split, 'name')} in other bytes" if split else "core.precomposeunicode is off"
        return Health(WARNING, said, "that they agree", "git config core.precomposeunicode true", plain=not split)
    return ok("case and accents as git believes")


def unreadable(tracker: Tracker) -> Health:
    found = [each.place for each in _view(tracker).broken()]
    if not found:
        return ok("none")
    return Health(ERROR, some(found, "file"), "none: they are in no list", "wrkq check")


def uncommitted(tracker: Tracker) -> Health:
    found = status.uncommitted(tracker)
    if not found:
        return ok("none")
    return Health(WARNING, some(found, "file"), "none, when the work is done", "wrkq commit")


def index(tracker: Tracker) -> Health:
    """The index on the disk, beside one that was built from the files just now."""
    found = index_health.look(tracker.place, _view(tracker))
    if not found.writable:
        expected = "a git folder that can be written: each command reads every file"
        place = quote(str(tracker.place.repo.git_dir / "wrkq"))
        return Health(WARNING, "kept in memory: nothing can be written", expected, f"ls -ld {place}", plain=True)
    if found.state == index_health.DAMAGED:
        return fixable(WARNING, f"damaged: {found.reason}", "whole; the next command builds it anew", plain=True)
    if found.wrong:
        return fixable(ERROR, f"other than the files: {some(found.wrong, 'file')}", "what the files say")
    if found.stale:
        said = f"{len(found.stale)} old file{'s' if len(found.stale) > 1 else ''} beside it"
        return fixable(WARNING, said, "none that nobody needs", plain=True)
    return ok("as the files" if found.state == index_health.GOOD else "built by the next command")


def mend_index(tracker: Tracker) -> str:
    """Built anew only where something is wrong with it; what is not needed goes either way."""
    found = index_health.look(tracker.place, _view(tracker))
    if found.state == index_health.DAMAGED or found.wrong:
        with Index(tracker.place) as anew:
            anew.rebuild()
        return "built the index anew"
    gone = index_health.drop_stale(tracker.place)
    return f"removed {len(gone)} old index file{'s' if len(gone) != 1 else ''}"


def _view(tracker: Tracker) -> Index:
    """What the files say now, comments too."""
    tracker.index.refresh_comments()
    return tracker.index


def _documents(tracker: Tracker) -> list[str]:
    """The tracker's files that lie in its folder, as the repository names them."""
    found = [layout.CONFIG_NAME, *_view(tracker).files()]
    attached = tracker.root / layout.ATTACHMENTS
    found += [each.relative_to(tracker.root).as_posix() for each in attached.rglob("*") if each.is_file()]
    return [tracker.repository_path(path) for path in found]


def _is_ours(tracker: Tracker, path: str) -> bool:
    """Of a repository whose top is the tracker: not the code that lies beside the documents."""
    return bool(tracker.prefix) or layout.type_of(path) is not None or path.startswith("_")


def _prefixed(tracker: Tracker, folder: str) -> str:
    return tracker.repository_path(folder) + "/"
