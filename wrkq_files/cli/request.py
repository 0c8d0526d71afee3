"""One request: what was given besides the command's own words, and what a command needs to answer it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from wrkq_files.cli import door, form
from wrkq_files.cli.options import FIELD_PREFIX
from wrkq_files.cli.progress import Progress
from wrkq_files.cli.screen import Screen
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.cli.output import Output
    from wrkq_files.service.change import Key, Options
    from wrkq_files.service.past import Past
    from wrkq_files.service.since_base import Marks
    from wrkq_files.service.tracker import Door, Tracker

#: Shared options that say where to work and how to answer, and not what to do.
_NOT_ASKED = frozenset({"key", "bundle", "root", "directory", "dry_run", "json", "ndjson"})
#: As a bundle's name: none, but the working files.
HERE: Final = "-"
#: A body or an import may come from a file of this size; more is a mistake (a document has at most 10 MiB).
_MOST_BYTES = 64 * 1024 * 1024


class Request:
    """``given`` holds the shared options by name, as they were typed."""

    def __init__(self, program: str, screen: Screen) -> None:
        self.program = program
        self.screen = screen
        self.given: dict[str, Any] = {}
        self.words: tuple[str, Mapping[str, Any]] = ("", {})  # the command, and what its own words are
        self.edits = False  # a command that else reads is to write
        self.bundle: str | None = None  # the bundle that is worked on; known once there is a tracker
        self.came_in: list[str] = []  # digests of what was read from standard input and from files
        self._ends: list[Callable[[], None]] = []

    def close(self) -> None:
        """Ends what was begun for the answer."""
        for end in (*self._ends, self.progress.close):
            end()
        self._ends.clear()

    @cached_property
    def form(self) -> form.Form:
        return form.from_options(self.given)

    @cached_property
    def out(self) -> Output:
        from wrkq_files.cli.output import Output

        return Output(self.program, self.form, self.screen)

    @cached_property
    def door(self) -> Door:
        return door.open_door(self.given, os.environ)._replace(progress=self.progress)

    @cached_property
    def progress(self) -> Progress:
        return Progress(self.screen)

    @cached_property
    def tracker(self) -> Tracker:
        named = self.given.get("bundle")
        if (moment := self.given.get("at")) is not None:
            if named is not None:
                raise WrkqError("usage", "--at and --bundle contradict each other", hint="--at takes a branch, too")
            return self._past(moment).tracker
        name = self.bundle_named
        if name == HERE:
            return self._worktree
        return self._in_bundle(name) if name else self._worktree_or_bundle

    @cached_property
    def worktree(self) -> Tracker:
        """The tracker as its working files have it, whatever bundle is worked on: for what is about these."""
        if self.given.get("bundle", HERE) != HERE:
            message = "this command is about the working files, and knows no --bundle"
            raise WrkqError("usage", message, hint="leave it out; wrkq bundle --help has what bundles have")
        self.__dict__["tracker"] = self._worktree  # whoever prints the answer asks this one, too
        return self._worktree

    @property
    def bundle_named(self) -> str | None:
        """The bundle that the request names, by option or variable; :data:`HERE` for none at all."""
        return self.given.get("bundle") or os.environ.get("WRKQ_BUNDLE") or None

    @property
    def files(self) -> Tracker:
        """As :attr:`worktree`, for commands that are about bundles: ``--bundle`` names one of them."""
        self.__dict__["tracker"] = self._worktree
        return self._worktree

    @cached_property
    def _worktree(self) -> Tracker:
        from wrkq_files.service.tracker import open_tracker

        return open_tracker(self.door)

    @property
    def _worktree_or_bundle(self) -> Tracker:
        """The working files, unless this worktree was switched to a bundle."""
        tracker = self._worktree
        if tracker.config.on_base == "bundle" and (pending := self._pending(tracker)):
            return pending
        if not (tracker.repo.git_dir / "wrkq" / "bundle").exists():  # opening.current, whose import costs
            return tracker
        from wrkq_files.service.bundles import opening

        name = opening.current(tracker.repo)
        return self._in_bundle(name) if name else tracker

    def _pending(self, tracker: Tracker) -> Tracker | None:
        """What waits for a base that may not be written to; None where the files are to be read."""
        from wrkq_files.service.bundles import opening, standing

        if opening.current(tracker.repo):
            return None
        found = standing.in_place(tracker, writes=self._writes)
        if found is None:
            return None
        there = found.opened
        self._ends.append(there.close)
        self.bundle = there.name
        where = f", in {there.worktree}, where it is checked out" if there.worktree else ""
        self.out.in_bundle(there.name, f"{where}: not on {found.base} yet")
        if found.behind:
            count = "a newer commit" if found.behind == 1 else f"{found.behind} newer commits"
            self.out.note(f"{found.base} has {count}: wrkq bundle sync {there.name}")
        return there.tracker

    @property
    def _writes(self) -> bool:
        """Whether the command is one that changes documents."""
        from wrkq_files.cli import registry

        name = self.words[0].removeprefix(f"{self.program} ")
        takes = next((each.takes for each in registry.COMMANDS[self.program] if each.name == name), ())
        return self.edits or not {registry.WRITE, registry.CREATE, registry.BATCH}.isdisjoint(takes)

    def _in_bundle(self, name: str) -> Tracker:
        """The tracker as a bundle has it; that it is not the working files' is said beside the answer."""
        from wrkq_files.service.bundles import opening

        found = opening.opened(self.door, name)
        self._ends.append(found.close)
        self.bundle = found.name
        where = f", in {found.worktree}, where it is checked out" if found.worktree else ""
        self.out.in_bundle(found.name, where)
        return found.tracker

    def _past(self, moment: str) -> Past:
        """The tracker as it was; what that means is said beside the answer."""
        from wrkq_files.service import moments
        from wrkq_files.service.past import open_at

        past = open_at(self.door, moment)
        self._ends.append(past.close)
        self.out.as_of(past.revision.id, f"{moments.shown(past.revision)} {past.revision.subject}")
        if past.elsewhere is not None:
            self.out.note(f"the tracker lies in `{past.elsewhere or '.'}` there")
        return past

    @cached_property
    def marks(self) -> Marks:
        """What the base branch has changed since; where there is anything, the answer says as of which commit."""
        from wrkq_files.service import since_base

        found = since_base.marks(self.tracker)
        if found.tip:
            self.out.about(as_of=found.tip)
        return found

    @property
    def options(self) -> Options:
        """How a write is to be carried out."""
        from wrkq_files.service.change import Options

        given = self.given
        if given.get("commit") and given.get("no_commit"):
            raise WrkqError("usage", "--commit and --no-commit contradict each other", hint="choose one")
        # Known since the tracker was opened: what is asked of a bundle is committed at once.
        at_once = given.get("commit") or (self.bundle is not None and not given.get("no_commit"))
        return Options(
            commit=True if at_once else False if given.get("no_commit") else None,
            message=given.get("message"),
            dry_run=bool(given.get("dry_run")),
            if_match=given.get("if_match"),
            force=bool(given.get("force")),
            with_edits=bool(given.get("with_edits")),
            key=self._key,
        )

    @property
    def _key(self) -> Key | None:
        """The request's key, and a digest of what it asks for: its words, and what has come in by now."""
        name = self.given.get("key")
        if name is None:
            return None
        from wrkq_files.service import keys

        asked = {option: value for option, value in self.given.items() if option not in _NOT_ASKED}
        return keys.key(
            name, form.dumps([self.tracker.prefix, *self._place, self.words, sorted(asked.items()), self.came_in])
        )

    @property
    def _place(self) -> list[str]:
        return [self.bundle] if self.bundle else []

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The fields that options set, as ``field, text``."""
        pairs: list[tuple[str, str]] = []
        for name, value in self.given.items():
            if name.startswith(FIELD_PREFIX):
                pairs += _assigned(name.removeprefix(FIELD_PREFIX), value)
        return pairs

    def many(self, name: str) -> Sequence[str]:
        """The values of an option that may be repeated."""
        return tuple(self.given.get(name, ()))


def request(context: click.Context) -> Request:
    """The request a command was called in."""
    found = context.find_object(Request)
    if found is None:
        raise AssertionError("a command runs in a request")
    found.words = (context.command_path, context.params)
    return found


def assignments(words: Iterable[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Targets and ``field=value`` words, apart."""
    targets: list[str] = []
    pairs: list[tuple[str, str]] = []
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name.replace("_", "").replace("-", "").replace(".", "").isalnum() and not name[0].isdigit():
            pairs.append((name, value))
        else:
            targets.append(word)
    return targets, pairs


def targets(words: Sequence[str], what: str = "TARGET") -> list[str]:
    """The targets named; ``-`` stands for those on standard input, one a line (or each before a NUL)."""
    found = [target for word in words for target in (_from_stdin() if word == "-" else [word])]
    if not words:
        raise WrkqError("usage", f"no {what} is named", hint="name one, or - to read them from standard input")
    return found


def body(text: str | None) -> str | None:
    """A text given as itself, as ``@file``, or as ``-`` for standard input. Raises ``not_found``, ``validation``."""
    if text is None or (text != "-" and not text.startswith("@")):
        return text
    data = content(text.removeprefix("@"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrkqError("validation", f"{text} is not UTF-8: {error}") from error


def content(name: str) -> bytes:
    """The bytes of a file, or of standard input for ``-``."""
    data = _stdin() if name == "-" else _file(name)
    came_in(data)
    return data


def came_in(data: bytes) -> None:
    """Notes what a request was given besides its words: with other input it is another request (``--key``)."""
    context = click.get_current_context(silent=True)
    found = context.find_object(Request) if context else None
    if found is not None and "key" in found.given:
        import hashlib

        found.came_in.append(hashlib.sha256(data).hexdigest())


def _file(name: str) -> bytes:
    path = Path(name)
    try:
        if path.is_dir():
            raise WrkqError("usage", f"{name} is a folder", hint="name a file, or - for standard input")
        if path.stat().st_size > _MOST_BYTES:
            raise WrkqError("limit", f"{name} has more than {_MOST_BYTES // 1024 // 1024} MiB")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise WrkqError("not_found", f"there is no file {name}") from error


def _stdin() -> bytes:
    if sys.stdin is None:
        raise WrkqError("usage", "standard input is closed", hint="name a file, or pipe something in")
    data = sys.stdin.buffer.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise WrkqError("limit", f"standard input has more than {_MOST_BYTES // 1024 // 1024} MiB")
    return data


def _from_stdin() -> Iterator[str]:
    data = content("-").decode("utf-8", "surrogateescape")
    separator = "\0" if "\0" in data else "\n"
    return (line.strip("\r\n") for line in data.split(separator) if line.strip())


def _assigned(name: str, value: str) -> list[tuple[str, str]]:
    """``--score correctness=3,effort=2`` sets these parts and leaves the others."""
    if name != "score" or value == "" or value.startswith("{"):
        return [(name, value)]
    parts = [part.partition("=") for part in form.words(value)]
    if any(not equals for _, equals, _ in parts):
        raise WrkqError("usage", f"--score {value}: it is set by parts", hint="--score correctness=3,effort=2")
    return [(f"{name}.{part.strip()}", text.strip()) for part, _, text in parts]
