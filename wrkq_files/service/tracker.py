"""Opening a tracker: where it is, its settings, its index, and what the door told us."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Set
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.files import config_file, documents, tree
from wrkq_files.git import repo as git_repo
from wrkq_files.index import globs
from wrkq_files.index.entry import Entry
from wrkq_files.index.index import Index
from wrkq_files.index.place import Place
from wrkq_files.model import ids
from wrkq_files.model.config import Config
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.layout import ACTORS, ATTACHMENTS, CONFIG_NAME, attachment_folder, folders_above

#: The tracker's folder beside code.
BESIDE: Final = "wrkq"

if TYPE_CHECKING:
    from wrkq_files.service.change import Change, Options, Written


class Door(NamedTuple):
    """What the outside gives to every request.

    ``root`` is a tracker named by the caller; ``actor`` who the caller says it is; ``agent`` whether the environment
    looks like an agent's; ``now`` the clock (aware datetimes); ``random_bits`` a source of that many random bits;
    ``ask_git`` is set where the environment overrides git's search for the repository; ``via`` is the door's name;
    ``progress`` is told what is done, how much of it, and of how much.
    """

    cwd: Path
    now: Callable[[], datetime]
    random_bits: Callable[[int], int]
    root: Path | None = None
    actor: str | None = None
    agent: bool = False
    ask_git: bool = False
    progress: Callable[[str, int, int], None] | None = None
    via: str = "cli"

    @property
    def start(self) -> Path:
        """Where the search for the repository begins: at the tracker that is named, else where the request works."""
        return self.cwd / self.root if self.root else self.cwd


class Tracker:
    """One opened tracker; everything a request needs, each part made when it is first asked for.

    ``as_found``: see :func:`open_tracker`. ``gather`` is set where operations are noted down and not carried out (see
    :mod:`wrkq_files.service.overlay`): it says whether one does anything. ``publisher`` is set where a change is
    carried out otherwise than in the working files (see :mod:`wrkq_files.service.onbranch`).
    """

    gather: Callable[[Change], bool] | None = None
    #: Whether this is what HEAD and the working files say, and no moment of the past.
    is_here = True
    publisher: Callable[[Callable[[], Change], Options], Written] | None = None
    #: The full name of the branch that is read and written without being checked out; empty for the working files.
    ref: str = ""

    def __init__(self, door: Door, repo: git_repo.Repo, root: Path, *, as_found: bool = False) -> None:
        self.as_found = as_found
        self.door = door
        self.repo = repo
        self.root = root
        relative = root.relative_to(repo.top).as_posix()
        self.prefix = "" if relative == "." else relative

    @cached_property
    def _read_config(self) -> tuple[Config, tuple[Finding, ...]]:
        data = self._config_bytes()
        try:
            return config_file.read_config(data, CONFIG_NAME, older=self.as_found)
        except WrkqError as error:  # there may be several of that name in the repository
            message = error.message.replace(CONFIG_NAME, self.repository_path(CONFIG_NAME), 1)
            raise WrkqError(error.code, message, hint=error.hint, details=error.details) from error

    def _config_bytes(self) -> bytes:
        return tree.read(self.root / CONFIG_NAME)

    @property
    def config(self) -> Config:
        return self._read_config[0]

    @property
    def config_findings(self) -> tuple[Finding, ...]:
        return self._read_config[1]

    @cached_property
    def place(self) -> Place:
        return Place(
            repo=self.repo,
            root=self.root,
            prefix=self.prefix,
            ignore=self.config.ignore,
            kinds=self.config.kinds,
            sections=self.config.sections,
        )

    @cached_property
    def index(self) -> Index:
        index = Index(self.place)
        index.progress = self.door.progress
        if self.as_found:
            index.stay_in_memory()
        return index

    @cached_property
    def _ignored(self) -> Callable[[str], bool]:
        return globs.ignored(self.config.ignore)

    def ignores(self, path: str) -> bool:
        """Whether a file lies in a folder that ``ignore:`` leaves alone."""
        return any(map(self._ignored, folders_above(path)))

    @cached_property
    def email(self) -> str | None:
        """The e-mail git would write as author."""
        from wrkq_files.git import read

        return read.email(self.repo)

    def actors(self) -> dict[str, Entry]:
        """The actors there are, by slug."""
        self.index.refresh_folder(ACTORS)
        return {entry.slug: entry for entry in self.index.actors()}

    def actors_by_email(self) -> dict[str, str]:
        """The actors' e-mails, in lower case, and whose they are."""
        return {
            str(email).casefold(): entry.slug
            for entry in self.actors().values()
            for email in entry.document_fields().get("emails", ())
        }

    def repository_path(self, path: str) -> str:
        """A path of the tracker as the repository knows it."""
        return f"{self.prefix}/{path}" if self.prefix else path

    def read(self, path: str) -> bytes | None:
        """The bytes of a file in the tracker; None when there is none. Raises WrkqError for links and escapes."""
        place = tree.inside(self.root, path)
        if path.startswith(f"{ATTACHMENTS}/"):
            return place.read_bytes() if place.is_file() else None  # these may be longer than any document
        return tree.read(place) if place.exists() else None

    def exists(self, path: str) -> bool:
        """Whether there is a file or a folder at a path."""
        try:
            return (self.root / path).exists()
        except OSError:  # a name longer than the file system takes
            return False

    def is_folder(self, address: str) -> bool:
        try:
            return (self.root / address).is_dir()
        except OSError:
            return False

    def check_inside(self, path: str) -> None:
        """Raises ``refused`` for what is no path inside the tracker, and for one that crosses a symbolic link."""
        tree.inside(self.root, path)

    def attachments(self, identifier: str) -> list[tuple[str, int]]:
        """Name and size of each file that belongs to an id, by name."""
        place = tree.inside(self.root, attachment_folder(identifier))
        if not place.is_dir():
            return []
        files = sorted(each for each in place.iterdir() if each.is_file() and not each.is_symlink())
        return [(each.name, each.stat().st_size) for each in files]

    def names(self, folder: str) -> list[str]:
        """What is directly in a folder, files and folders; nothing where there is none."""
        return os.listdir(self.root / folder) if self.is_folder(folder) else []  # noqa: PTH208 (no Paths are needed)

    def slugs(self, folder: str) -> Set[str]:
        """The slugs in use in a folder, by files as they are now, in any case."""
        return {name.lower().removesuffix(".md") for name in self.names(folder)}

    def files(self, folder: str) -> list[str]:
        """The paths of all files in and below a folder, whatever they are; links too."""
        found = (self.root / folder).rglob("*") if self.is_folder(folder) else ()
        return sorted(path.relative_to(self.root).as_posix() for path in found if path.is_symlink() or path.is_file())

    def siblings(self) -> list[Tracker]:
        """The other trackers of this repository, brought up to date."""
        found = [Tracker(self.door, self.repo, root) for root in roots(self.repo.top) if root != self.root]
        for other in found:
            other.index.refresh()
        return found

    def attached(self) -> list[str]:
        """The ids by which attachments are kept, whether a document has them or not."""
        top = self.root / ATTACHMENTS
        if not top.is_dir() or top.is_symlink():
            return []
        return [each.name for each in sorted(top.glob("*/*")) if each.is_dir() and any(each.iterdir())]

    def parse(self, data: bytes, kind: DocType, path: str) -> documents.Parsed:
        return documents.parse(data, kind, path, kinds=self.config.kinds)

    def mint(self, kind: DocType) -> str:
        """A new id that no document here has."""
        while True:
            identifier = ids.mint(kind, self.door.random_bits(ids.BITS))
            if not self.index.by_id(identifier):
                return identifier


def open_tracker(door: Door, *, as_found: bool = False) -> Tracker:
    """The tracker of the door's folder.

    ``as_found`` is for those who look at what is wrong, or mend it: nothing is put right first, the index on the disk
    is neither used nor written, and a format that is not ours does not keep it from being opened. Raises WrkqError:
    ``not_a_repository``, ``bare_repository``, ``no_tracker`` (naming those that exist), ``format``.
    """
    door = door._replace(cwd=door.cwd.resolve())  # a shell's idea of it may lead through links
    start = door.start.resolve()
    repo = git_repo.discover(start, use_git=door.ask_git)
    root = find_root(door, repo)
    if root is None:
        raise _no_named(start) if door.root else _no_tracker(start, repo)
    if as_found:
        return Tracker(door, repo, root, as_found=True)
    _mend(repo)
    tracker = Tracker(door, repo, root)
    _ = tracker.config  # refused here, before anything is looked at or written, where the format is not ours
    return tracker


def _mend(repo: git_repo.Repo) -> None:
    """Puts right what a killed command left, before anything is read."""
    # journal.folder(), whose import would cost every read command 5 ms.
    if not (repo.git_dir / "wrkq" / "txn").exists():
        return
    from wrkq_files.git import journal, lock

    # A living writer holds the lock. Where nothing can be mended now, the next write says why.
    with contextlib.suppress(WrkqError, OSError), lock.worktree_lock(repo, timeout=0):
        journal.recover(repo, timeout=0)


def find_root(door: Door, repo: git_repo.Repo) -> Path | None:
    """The root of the tracker that the door names, or of the one around its folder; None where there is none."""
    start = door.start.resolve()
    if door.root:
        return start if (start / CONFIG_NAME).is_file() else None
    return _root_above(start, repo.top)


def _no_named(start: Path) -> WrkqError:
    hint = "name the folder that holds it, or: wrkqadm init"
    return WrkqError("no_tracker", f"{start} has no {CONFIG_NAME}", hint=hint)


def _root_above(start: Path, top: Path) -> Path | None:
    for folder in (start, *start.parents):
        if (folder / CONFIG_NAME).is_file():
            return folder
        if folder == top:
            break
    # Beside code, the tracker is most often the folder of its own name: work from the repository's top finds it.
    beside = top / BESIDE
    return beside if (beside / CONFIG_NAME).is_file() else None


def _no_tracker(start: Path, repo: git_repo.Repo) -> WrkqError:
    found = sorted(str(root.relative_to(repo.top)) for root in roots(repo.top))
    if found:
        return WrkqError(
            "no_tracker",
            f"no tracker here or above {start}",
            hint="in this repository: " + ", ".join(f"wrkq --root {name}" for name in found),
            details={"trackers": found},
        )
    return WrkqError("no_tracker", f"no tracker in {repo.top}", hint="make one: wrkqadm init")


def roots(top: Path, depth: int = 4) -> list[Path]:
    """The folders that hold a tracker, at most ``depth`` folders down; hidden folders are left out."""
    patterns = ("*/" * level + CONFIG_NAME for level in range(depth + 1))
    found = [path.parent for pattern in patterns for path in top.glob(pattern)]
    return [root for root in found if not any(part.startswith(".") for part in root.relative_to(top).parts)]
