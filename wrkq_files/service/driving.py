"""Our merge driver in a clone: its configuration, and the attribute by which git asks for it.

With the hooks it is one thing to put in and take out (see :mod:`wrkq_files.service.hooks`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from wrkq_files.git import config
from wrkq_files.git import hooks as git_files
from wrkq_files.git import repo as git_repo
from wrkq_files.git.repo import Repo
from wrkq_files.service import hooks
from wrkq_files.service.hooks import EDITED, INSTALLED, MISSING, OUTDATED, Done, Hook
from wrkq_files.service.tracker import Door, roots

#: What it is called in lists of hooks.
NAME: Final = "merge-driver"
#: What git calls it: ``merge=wrkq`` in attributes, ``merge.wrkq`` in the configuration.
DRIVER: Final = "wrkq"
PROGRAM: Final = "wrkq"
_SECTION: Final = f"merge.{DRIVER}"
_TITLE: Final = "wrkq: documents field by field, their text by lines"
#: The driver says on standard output that it has done its work; its exit status alone could be anything's. Where it
#: says nothing (there is none, it is another program, it broke, it was killed), git's own merge by lines is done, and
#: of a file that it was killed over nobody can say that it is merged. (Tried: a driver that is missing or crashes
#: leaves our side without markers, and `git add` would drop theirs.)
COMMAND: Final = (
    f"said=$(command -v {PROGRAM} >/dev/null 2>&1 && {PROGRAM} merge-driver -- %O %A %B %L %P %X %Y); was=$?; "
    "case $said in clean) exit 0;; conflict) exit 1;; esac; "
    "git merge-file -q -L ours -L base -L theirs --marker-size=%L %A %O %B && test $was -lt 128 || exit 1"
)
#: What earlier versions of ours wrote there.
_OLDER: Final[Sequence[str]] = ()
_BEGIN: Final = "# >>> wrkq >>>\n# `wrkq hooks uninstall` takes these lines away.\n"
_END: Final = "# <<< wrkq <<<\n"
_SPECIAL: Final = re.compile(r"[\\*?\[\]]")


class _Found(NamedTuple):
    """What there is. ``lacking``: the trackers whose documents git would merge without us, by their folders.

    ``others``: those for which an attribute names another driver.
    """

    command: Sequence[str]
    attributes: bytes | None
    lacking: Sequence[str]
    others: Sequence[str]


# With the hooks


def status(door: Door) -> tuple[Path, list[Hook]]:
    """The folder of the hooks, each of ours, and the driver. Raises as :func:`hooks.status`."""
    folder, found = hooks.status(door)
    return folder, [*found, look(_repo(door))]


def install(door: Door, *, shared: bool = False, dry_run: bool = False) -> Done:
    """Puts in the hooks and the driver. Raises as :func:`hooks.install`."""
    done = hooks.install(door, shared=shared, dry_run=dry_run)
    return _joined(done, put_in(_repo(door), dry_run=dry_run), door)


def uninstall(door: Door, *, shared: bool = False, dry_run: bool = False) -> Done:
    """Takes out what :func:`install` put in. Raises as it does."""
    done = hooks.uninstall(door, shared=shared, dry_run=dry_run)
    return _joined(done, take_out(_repo(door), dry_run=dry_run), door)


def _joined(done: Done, driver: Changed, door: Door) -> Done:
    return done._replace(
        hooks=[*done.hooks, look(_repo(door))],
        changed=[*done.changed, *([NAME] if driver.changed else [])],
        left=[*done.left, *((NAME, reason) for reason in driver.left)],
        notes=(*done.notes, *driver.notes),
        diff=done.diff + driver.diff,
    )


def _repo(door: Door) -> Repo:
    return git_repo.discover(door.start, use_git=door.ask_git)


# The driver alone


def has_program(repo: Repo) -> bool:
    """Whether git finds the program that the driver is."""
    return config.is_program(repo, PROGRAM)


class Changed(NamedTuple):
    """``changed``: whether anything was, or would be in a dry run; ``left``: what was not dared, with the reason."""

    changed: bool
    left: Sequence[str] = ()
    notes: Sequence[str] = ()
    diff: str = ""


def look(repo: Repo) -> Hook:
    """The driver as a row among the hooks."""
    found = _found(repo)
    return Hook(NAME, config.file(repo), *_state(found))


def _state(found: _Found) -> tuple[str, str]:
    if not found.command:
        return MISSING, "no driver"
    if [*found.command] != [COMMAND]:
        older = all(each in _OLDER for each in found.command)
        return (OUTDATED, "of another version") if older else (EDITED, f"{_SECTION}.driver, changed by hand")
    if found.lacking:
        return OUTDATED, f"no attribute merge={DRIVER} for {_names(found.lacking)}"
    if found.others:
        return INSTALLED, f"but another merge attribute for {_names(found.others)}"
    return INSTALLED, f"{_SECTION} in the clone's configuration"


def _found(repo: Repo) -> _Found:
    prefixes = [root.relative_to(repo.top).as_posix() for root in roots(repo.top)]
    samples = {prefix: f"{prefix}/x.md" if prefix != "." else "x.md" for prefix in prefixes}
    given = config.merge_attributes(repo, [*samples.values()]) if samples else {}
    lacking = [prefix for prefix, sample in samples.items() if given.get(sample) == "unspecified"]
    others = [prefix for prefix, sample in samples.items() if given.get(sample) not in ("unspecified", DRIVER)]
    here = git_files.look(config.attributes_file(repo))
    return _Found(config.local(repo, f"{_SECTION}.driver"), here.data if here else None, lacking, others)


def put_in(repo: Repo, *, dry_run: bool = False) -> Changed:
    """The configuration, and the attribute for those trackers whose own ``.gitattributes`` does not give it."""
    found = _found(repo)
    state, how = _state(found)
    if state == EDITED:
        return Changed(False, [f"{how}: git config --unset-all {_SECTION}.driver, then: wrkq hooks install"])
    with_config = [*found.command] != [COMMAND]
    old = found.attributes or b""
    new = _with_block(old, found.lacking)
    if not dry_run:
        if new != old:
            _write(config.attributes_file(repo), new)
        if with_config:
            config.put(repo, {f"{_SECTION}.name": _TITLE, f"{_SECTION}.driver": COMMAND})
    notes = [f"merge={DRIVER} for {_names(found.lacking)} is in this clone's info/attributes"] if new != old else []
    if found.others:
        notes.append(f"{_names(found.others)}: another merge attribute is there, and stays")
    diff = _config_diff(found.command, COMMAND) if with_config else ""
    return Changed(with_config or new != old, (), notes, diff + _attributes_diff(old, new))


def take_out(repo: Repo, *, dry_run: bool = False) -> Changed:
    """What :func:`put_in` put in, and nothing that a person wrote."""
    found = _found(repo)
    state, how = _state(found)
    left = [f"{how}: git config --remove-section {_SECTION}"] if state == EDITED else []
    with_config = bool(found.command) and not left
    old = found.attributes or b""
    new = _without_block(old)
    if not dry_run:
        if with_config:
            config.drop(repo, [f"{_SECTION}.name", f"{_SECTION}.driver"])
        if new != old:
            _write(config.attributes_file(repo), new)
    diff = _config_diff(found.command, None) if with_config else ""
    return Changed(with_config or new != old, left, (), diff + _attributes_diff(old, new))


def _names(prefixes: Sequence[str]) -> str:
    return ", ".join("the top folder" if prefix == "." else prefix for prefix in prefixes)


# The clone's attributes


def _with_block(old: bytes, prefixes: Sequence[str]) -> bytes:
    """The attributes with lines of ours for these trackers, besides those that are there."""
    if not prefixes:
        return old
    lines = _lines(old)
    lines += [line for line in map(_line, prefixes) if line not in lines]
    block = (_BEGIN + "".join(lines) + _END).encode()
    rest = _without_block(old)
    # Without a final newline there, there is none after the block: what is taken out again is the same either way.
    return rest + block if not rest or rest.endswith(b"\n") else rest + b"\n" + block.removesuffix(b"\n")


def _without_block(old: bytes) -> bytes:
    start, end = _place(old)
    if end == len(old) > start > 0 and not old.endswith(b"\n"):
        start -= 1
    return old[:start] + old[end:]


def _lines(data: bytes) -> list[str]:
    start, end = _place(data)
    return [f"{line}\n" for line in data[start:end].decode().splitlines() if line and not line.startswith("#")]


def _place(data: bytes) -> tuple[int, int]:
    """Where our block is; an empty place where there is none, or somebody has changed it."""
    begin, end = _BEGIN.encode(), _END.encode().removesuffix(b"\n")
    start = 0 if data.startswith(begin) else data.find(b"\n" + begin) + 1
    stop = data.find(b"\n" + end, start) + 1
    if not data.startswith(begin, start) or not stop:
        return 0, 0
    stop += len(end)
    if data[stop : stop + 1] == b"\n":
        stop += 1
    elif stop < len(data):
        return 0, 0
    return start, stop


def _line(prefix: str) -> str:
    """The attribute for a tracker's documents; a name that has more than plain characters is quoted as in C."""
    if prefix == ".":
        return f"*.md merge={DRIVER}\n"
    pattern = _SPECIAL.sub(r"\\\g<0>", prefix) + "/**/*.md"
    if re.fullmatch(r"[\w./*-]+", pattern, re.ASCII):
        return f"/{pattern} merge={DRIVER}\n"
    quoted = pattern.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n")
    return f'"/{quoted}" merge={DRIVER}\n'


def _write(place: Path, data: bytes) -> None:
    if not data:
        git_files.remove(place)
        return
    there = git_files.look(place)
    git_files.write(place, data, there.mode if there else 0o644)


# Dry runs


def _config_diff(old: Sequence[str], new: str | None) -> str:
    from wrkq_files.git.diff import unified

    before = "".join(f"{_SECTION}.driver={each}\n" for each in old).encode() or None
    after = f"{_SECTION}.name={_TITLE}\n{_SECTION}.driver={new}\n".encode() if new else None
    return unified(f"git config --local {_SECTION}", before, after)


def _attributes_diff(old: bytes, new: bytes) -> str:
    from wrkq_files.git.diff import unified

    return unified(".git/info/attributes", old or None, new or None) if new != old else ""
