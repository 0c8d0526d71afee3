"""Making a tracker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.files import config_edit, edits, tree
from wrkq_files.git import lock, read
from wrkq_files.git import repo as git_repo
from wrkq_files.git import write as git_write
from wrkq_files.git.write import UNCHANGED, FileWrite
from wrkq_files.model import ids, layout, slugs, times
from wrkq_files.model.fields import DocType
from wrkq_files.service import create, status
from wrkq_files.service.change import Options
from wrkq_files.service.publish import LOCK_SECONDS
from wrkq_files.service.tracker import Door, open_tracker

_BESIDE: Final = ("README", "LICENSE", "LICENCE", "COPYING")


class Initialised(NamedTuple):
    """What ``init`` made, or would make: ``files`` are paths from the repository's top, empty the second time."""

    root: str
    files: tuple[str, ...]
    commit_mode: str
    actor: str | None
    commit: str | None = None
    diff: str = ""


def init(door: Door, folder: str | None = None, *, dry_run: bool = False, commit: bool = False) -> Initialised:
    """A tracker in ``folder`` (default ``wrkq`` at the repository's top); running it again changes nothing.

    Raises WrkqError ``not_a_repository``, ``refused`` for a folder outside the repository or inside another tracker.
    """
    repo = git_repo.discover(door.cwd, use_git=door.ask_git)
    root = _root(door, repo, folder)
    if dry_run:
        made, writes = _made(door, repo, root)
        return made._replace(diff=_diff(writes))
    with lock.worktree_lock(repo, timeout=LOCK_SECONDS):
        git_write.recover(repo)
        made, writes = _made(door, repo, root)
        if writes:
            git_write.write_files(repo, writes)
    return made._replace(commit=_commit(door, repo, root)) if commit else made


def _made(door: Door, repo: git_repo.Repo, root: Path) -> tuple[Initialised, list[FileWrite]]:
    """What there is to make, by what there is."""
    prefix = root.relative_to(repo.top).as_posix()
    mode = _commit_mode(repo, prefix)
    actor = _first_actor(repo, root)
    wanted = {} if (root / layout.CONFIG_NAME).exists() else _files(door, root, mode, actor, prefix)
    writes = [_write(root, prefix, path, content) for path, content in wanted.items()]
    return Initialised(prefix, tuple(write.path for write in writes), mode, actor[0] if actor else None), writes


def _commit(door: Door, repo: git_repo.Repo, root: Path) -> str | None:
    """Commits a tracker that is not in HEAD yet; one that is has edits of its own, which are not ours to commit."""
    tracker = open_tracker(door._replace(root=root))
    if read.blob(repo, f"HEAD:{tracker.repository_path(layout.CONFIG_NAME)}") is not None:
        return None
    return status.commit_all(tracker, Options(message="Begin the tracker.")).commit


def _root(door: Door, repo: git_repo.Repo, folder: str | None) -> Path:
    root = (door.cwd / folder).resolve() if folder else repo.top / "wrkq"
    if not root.is_relative_to(repo.top.resolve()):
        raise WrkqError("refused", f"{root} is not in the repository {repo.top}")
    for above in root.parents:
        if above.is_relative_to(repo.top) and (above / layout.CONFIG_NAME).exists():
            raise WrkqError("refused", f"{root} lies in the tracker {above}", hint="choose a folder outside of it")
    return root


def _commit_mode(repo: git_repo.Repo, prefix: str) -> str:
    """``auto`` where nothing but the tracker is tracked (README, LICENSE and dotfiles aside), else ``manual``."""
    for path in read.tracked(repo):
        inside = prefix != "." and path.startswith(f"{prefix}/")
        aside = path.startswith(".") or path.upper().startswith(_BESIDE)
        if not inside and not aside and not (prefix == "." and layout.type_of(path)):
            return "manual"
    return "auto"


def _first_actor(repo: git_repo.Repo, root: Path) -> tuple[str, str, str] | None:
    """Slug, name and e-mail of the git identity; None without one, or where actors exist already."""
    identity = read.identity(repo)
    if identity is None or (root / layout.ACTORS).is_dir():
        return None
    name, email = identity
    return slugs.from_title(name.split()[0] if name.split() else email.partition("@")[0]), name, email


def _files(door: Door, root: Path, mode: str, actor: tuple[str, str, str] | None, prefix: str) -> dict[str, bytes]:
    ignore = sorted(_code_folders(root)) if prefix == "." else []
    files = {
        layout.CONFIG_NAME: config_edit.new_config(commit_mode=mode, ignore=ignore),
        ".gitattributes": _attributes(root),
    }
    inbox = layout.document_path(DocType.CONTAINER, layout.INBOX)
    if not (root / inbox).exists():
        files[inbox] = _inbox(door, actor)
    if actor:
        slug, name, email = actor
        fields = {"role": "human", "display_name": name, "emails": (email,)}
        files[f"{layout.ACTORS}/{slug}.md"] = edits.write(DocType.ACTOR, fields, "")
    return files


def _inbox(door: Door, actor: tuple[str, str, str] | None) -> bytes:
    identifier = ids.mint(DocType.CONTAINER, door.random_bits(ids.BITS))
    made = {"id": identifier, "created": times.stamp(door.now())}
    return create.inbox(made | ({"created_by": actor[0]} if actor else {}))


def _code_folders(root: Path) -> list[str]:
    """The folders at a repository's root: they were there before the tracker, so they are not part of it.

    As globs: only that folder (a container elsewhere may be called the same), whatever characters its name holds.
    """
    names = [place.name for place in root.iterdir() if place.is_dir() and not place.name.startswith((".", "_"))]
    return ["/" + re.sub(r"([*?[])", r"[\1]", name) for name in names]


def _attributes(root: Path) -> bytes:
    place = root / ".gitattributes"
    return status.with_attributes(tree.read(place) if place.exists() else b"")


def _write(root: Path, prefix: str, path: str, content: bytes) -> FileWrite:
    old = tree.read(root / path) if (root / path).exists() else None
    name = path if prefix == "." else f"{prefix}/{path}"
    return FileWrite(name, head=UNCHANGED, staged=UNCHANGED, work=content, work_old=old)


def _diff(writes: Sequence[FileWrite]) -> str:
    from wrkq_files.git.diff import unified

    return "".join(unified(w.path, w.work_old, w.work if isinstance(w.work, bytes) else None) for w in writes)
