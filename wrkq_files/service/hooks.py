"""Git hooks in a person's repository: what is there, putting ours in, taking exactly ours out again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import hooks as git_hooks
from wrkq_files.git import repo as git_repo
from wrkq_files.git.hooks import HookFile, Hooks
from wrkq_files.service import hooktexts
from wrkq_files.service.hooktexts import BEFORE, BLOCK, CHAIN, CLIENT, OWN
from wrkq_files.service.tracker import Door

INSTALLED: Final = "installed"
CHAINED: Final = "chained"
MISSING: Final = "missing"
OUTDATED: Final = "outdated"
EDITED: Final = "edited"
DISABLED: Final = "disabled"
_MODE: Final = 0o755


class Hook(NamedTuple):
    """One hook. ``state``: one of the words above; ``how``: a few words for people; ``file``: where it is."""

    name: str
    file: Path
    state: str
    how: str


class Done(NamedTuple):
    """What a request did, or would do in a dry run.

    ``changed``: the hooks it touched; ``left``: those it did not dare to, with the reason; ``notes``: words for the
    person who asked; ``diff``: in a dry run only.
    """

    folder: Path
    hooks: Sequence[Hook]
    changed: Sequence[str]
    left: Sequence[tuple[str, str]]
    notes: Sequence[str]
    diff: str = ""


class _Step(NamedTuple):
    """One change of a file: what it becomes (None: it goes), or the name it gets."""

    path: Path
    old: bytes | None
    new: bytes | None
    mode: int = _MODE
    to: Path | None = None


class _Left(Exception):
    """This hook is left as it is, for this reason."""


_Plan = Callable[[Hooks, str], list[_Step]]


def status(door: Door) -> tuple[Path, list[Hook]]:
    """The folder of this repository's hooks, and each of ours. Raises ``not_a_repository``, ``refused``."""
    place = git_hooks.hooks(_repo(door))
    return place.folder, [_hook(place, name) for name in CLIENT]


def install(door: Door, *, shared: bool = False, dry_run: bool = False) -> Done:
    """Puts our hooks in; the second time it changes nothing.

    A hook that is there runs on, after ours. Raises WrkqError ``refused`` for a folder outside of the repository
    unless ``shared``, ``io`` where it cannot be written.
    """
    place = _own_place(door, shared=shared)
    done = _carry_out(place, _installing, dry_run=dry_run)
    if place.tracked and done.changed:
        note = f"{_shown(place, place.folder)} is part of the worktree: commit it, and everybody has these hooks"
        done = done._replace(notes=(*done.notes, note))
    return done


def uninstall(door: Door, *, shared: bool = False, dry_run: bool = False) -> Done:
    """Takes out what :func:`install` put in, and nothing that a person wrote. Raises as it does."""
    return _carry_out(_own_place(door, shared=shared), _uninstalling, dry_run=dry_run)


def _repo(door: Door) -> git_repo.Repo:
    return git_repo.discover(door.start, use_git=door.ask_git)


def _own_place(door: Door, *, shared: bool) -> Hooks:
    repo = _repo(door)
    place = git_hooks.hooks(repo)
    if place.shared and not shared:
        raise WrkqError(
            "refused",
            f"core.hooksPath is {place.folder}, outside of this repository: others may use it too",
            hint=f"for all of them: --shared; for this one alone: git config core.hooksPath {repo.common_dir}/hooks",
        )
    return place


def _carry_out(place: Hooks, plan: _Plan, *, dry_run: bool) -> Done:
    changed: list[str] = []
    left: list[tuple[str, str]] = []
    diff = ""
    for name in CLIENT:
        try:
            steps = plan(place, name)
        except _Left as reason:
            left.append((name, str(reason)))
            continue
        changed += [name] if steps else []
        if dry_run:
            diff += "".join(_difference(place, step) for step in steps)
        else:
            _take(steps)
    found = [_hook(place, name) for name in CLIENT]
    return Done(place.folder, found, changed, left, (), diff)


# What there is


def _hook(place: Hooks, name: str) -> Hook:
    path = place.folder / name
    return Hook(name, path, *_state(place, name, git_hooks.look(path)))


def _state(place: Hooks, name: str, file: HookFile | None) -> tuple[str, str]:
    """State and how, in words."""
    found = hooktexts.find(name, file.data) if file and file.data is not None else None
    if file is None:
        return MISSING, "no hook"
    if found is None:
        return MISSING, "a hook that does not know of wrkq"
    how = {OWN: "a file of ours", BLOCK: "a block in a script", CHAIN: f"before {name}{BEFORE}"}[found.kind]
    if found.edited:
        return EDITED, f"{how}, changed by hand"
    if not file.executable and not place.husky:
        return DISABLED, f"{how}, not executable"
    if not found.current:
        return OUTDATED, f"{how}, of another version"
    return INSTALLED if found.kind == OWN else CHAINED, how


# What to do about it


def _installing(place: Hooks, name: str) -> list[_Step]:
    path = place.folder / name
    file = git_hooks.look(path)
    state, how = _state(place, name, file)
    if file is None:
        return [_Step(path, None, hooktexts.own(name))]
    found = hooktexts.find(name, file.data) if file.data is not None else None
    if found is None:
        return _beside(place, name, path, file)
    if state in (INSTALLED, CHAINED):
        return []
    if state == EDITED:
        raise _Left(f"{how}: take those lines out of {path}, then: wrkq hooks install")
    if found.kind == BLOCK:
        if state == DISABLED:
            raise _Left(f"its script is turned off; to turn it on: chmod +x {path}")
        return [_Step(path, file.data, hooktexts.replaced_block(name, file.data or b""), file.mode)]
    new = hooktexts.chain(name) if found.kind == CHAIN else hooktexts.own(name)
    return [_Step(path, file.data, new, file.mode | 0o111)]


def _beside(place: Hooks, name: str, path: Path, file: HookFile) -> list[_Step]:
    """Ours and the hook that is there: in it where it is a script that runs, else before it."""
    runs = file.executable or place.husky
    plain = place.husky and file.data is not None and not file.data.startswith(b"#!")
    if file.data is not None and runs and (plain or hooktexts.is_script(file.data)):
        return [_Step(path, file.data, hooktexts.with_block(name, file.data), file.mode)]
    before = path.with_name(name + BEFORE)
    if git_hooks.look(before):
        raise _Left(f"{before} is there already: move it away, then: wrkq hooks install")
    return [_Step(path, file.data, file.data, to=before), _Step(path, None, hooktexts.chain(name))]


def _uninstalling(place: Hooks, name: str) -> list[_Step]:
    path = place.folder / name
    file = git_hooks.look(path)
    found = hooktexts.find(name, file.data) if file and file.data is not None else None
    if file is None or file.data is None or found is None:
        return []
    if found.edited:
        raise _Left(f"{_state(place, name, file)[1]}: take our lines out of {path} by hand")
    if found.kind == BLOCK:
        return [_Step(path, file.data, hooktexts.without_block(file.data), file.mode)]
    before = path.with_name(name + BEFORE)
    back = git_hooks.look(before) if found.kind == CHAIN else None
    return [_Step(path, file.data, None), *([_Step(before, back.data, back.data, to=path)] if back else [])]


def _take(steps: Sequence[_Step]) -> None:
    """All of them, or none: a hook that has made room for ours comes back when ours cannot be written."""
    for step in steps:
        try:
            if step.to is not None:
                git_hooks.rename(step.path, step.to)
            elif step.new is None:
                git_hooks.remove(step.path)
            else:
                git_hooks.write(step.path, step.new, step.mode)
        except WrkqError:
            first = steps[0]
            if first.to is not None and step is not first:
                git_hooks.rename(first.to, first.path)
            raise


def _difference(place: Hooks, step: _Step) -> str:
    from wrkq_files.git.diff import renamed, unified

    name = _shown(place, step.path)
    if step.to is not None:
        return renamed(name, _shown(place, step.to), step.old, step.old)
    same = step.old == step.new
    return f"diff --git a/{name} b/{name}\nnew mode 100755\n" if same else unified(name, step.old, step.new)


def _shown(place: Hooks, path: Path) -> str:
    """A path as it is seen from the worktree's top, where it lies in there."""
    return str(path.relative_to(place.top)) if path.is_relative_to(place.top) else str(path)
