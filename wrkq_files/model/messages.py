"""What a commit's message tells of the tracker: operations, who made them, which documents it names.

Trailers are read wherever they stand: a squash puts the messages of many commits into one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from wrkq_files.model.ids import ALPHABET, LENGTH

_TRAILER: Final = re.compile(r"[ \t]*(Wrkq-[A-Za-z]+|Co-authored-by):(.*)", re.IGNORECASE)
_OTHER: Final = re.compile(r"[ \t]*[A-Za-z][A-Za-z-]*: ")
#: A squash's item on git hosts.
_ITEM: Final = re.compile(r"\*[ \t]+(\S.*)")
#: How `git merge --squash` begins each commit; its subject is the first line of text that is indented.
_COMMIT: Final = re.compile(r"commit [0-9a-f]{40,64}[ \t]*")
_INDENTED: Final = re.compile(r"[ \t]{4}(\S.*)")
_ULID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_NAMED: Final = re.compile(rf"(?<![0-9A-Za-z_-])([TPWC]-[{ALPHABET}]{{{LENGTH}}})(?![0-9A-Za-z_-])", re.IGNORECASE)
#: These three are compiled when a message first needs them: most of a process's life is its start.
#: What git hosts take for "this commit closes that issue", and what people write for it.
_CLOSING: Final = (
    r"(?i)"
    rf"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|complete[sd]?|finish(?:e[sd])?)\b:?"
    rf"((?:[\s,;&]+(?:and\s+)?#?[TPWC]-[{ALPHABET}]{{{LENGTH}}})+)"
)
_REVERTS: Final = r"(?m)^[ \t]*This reverts commit ([0-9a-f]{40,64})\b"
_PERSON: Final = r"([^<>]*)<([^<>]*)>"


class Operation(NamedTuple):
    """One operation that a trailer tells of. ``time``: milliseconds since 1970, from its ULID.

    ``item`` is the line of a squash under which it stands; empty where the commit is the operation's own.
    """

    ulid: str
    name: str
    ids: tuple[str, ...]
    actor: str = ""
    workspace: str = ""
    session: str = ""
    item: str = ""

    @property
    def time(self) -> int:
        value = 0
        for character in self.ulid[:10]:
            value = value * 32 + ALPHABET.index(character)
        return value


class Told(NamedTuple):
    """``actors``, ``workspaces`` and ``sessions`` are all that are named; ``coauthors`` are names and e-mails.

    ``named`` are the ids in the text, in the order they appear; ``closed`` those that it says it closes. ``reverts``
    is the commit that this one takes back, as git says it; empty for none.
    """

    subject: str
    operations: tuple[Operation, ...] = ()
    actors: tuple[str, ...] = ()
    workspaces: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    coauthors: tuple[tuple[str, str], ...] = ()
    named: tuple[str, ...] = ()
    closed: frozenset[str] = frozenset()
    reverts: str = ""


class _Block:
    """Lines of trailers without a gap, and the item they stand under."""

    def __init__(self, item: str) -> None:
        self.item = item
        self.lines: list[tuple[str, str]] = []


def read(message: str) -> Told:
    """What a message tells."""
    subject = message.lstrip("\n").partition("\n")[0].strip()
    if "-" not in message and "This reverts" not in message:  # neither a trailer nor an id
        return Told(subject)
    text, blocks = _parts(message)
    named = dict.fromkeys(each.upper() for each in _NAMED.findall(text))
    closed = {
        each.upper() for found in (re.findall(_CLOSING, text) if named else ()) for each in _NAMED.findall(found)
    }
    reverts = found[1] if "This reverts" in text and (found := re.search(_REVERTS, text)) else ""
    if not blocks:
        return Told(subject, named=tuple(named), closed=frozenset(closed), reverts=reverts)
    said = [pair for block in blocks for pair in block.lines]
    operations = {each.ulid: each for block in blocks for each in _operations(block)}
    return Told(
        subject,
        tuple(operations.values()),
        _values(said, "wrkq-actor"),
        _values(said, "wrkq-workspace"),
        _values(said, "wrkq-session"),
        tuple(_people(_values(said, "co-authored-by"))),
        tuple(named),
        frozenset(closed),
        reverts,
    )


def text(message: str) -> str:
    """A message without its trailers."""
    return _parts(message)[0].strip()


def blocks(message: str) -> list[list[tuple[str, str]]]:
    """Its trailers as they stand, keys in lower case: a list for all that stand without a gap."""
    return [block.lines for block in _parts(message)[1]]


def _people(values: Sequence[str]) -> Iterator[tuple[str, str]]:
    for value in values:
        if found := re.fullmatch(_PERSON, value):
            yield found[1].strip(), found[2]


def _parts(message: str) -> tuple[str, list[_Block]]:
    """The text without its trailers, and these."""
    text: list[str] = []
    blocks: list[_Block] = []
    item, is_open, is_awaited = "", False, False
    for line in message.split("\n"):
        if found := _TRAILER.fullmatch(line.rstrip("\r")):
            if not is_open:
                blocks.append(_Block(item))
            blocks[-1].lines.append((found[1].lower(), found[2].strip()))
            is_open = True
            continue
        text.append(line)
        is_open = is_open and bool(_OTHER.match(line))
        is_awaited = is_awaited or bool(_COMMIT.fullmatch(line))
        if started := _ITEM.match(line) or (_INDENTED.match(line) if is_awaited else None):
            item, is_awaited = started[1].strip(), False
    return "\n".join(text), blocks


def _operations(block: _Block) -> Iterator[Operation]:
    """The operations of a block. An actor, workspace or session is said below the operations that it belongs to."""
    groups: list[tuple[list[Operation], dict[str, set[str]]]] = []
    for key, value in block.lines:
        name = key.removeprefix("wrkq-")
        if name == "op" and (operation := _operation(value, block.item)):
            if not groups or groups[-1][1]:
                groups.append(([], {}))
            groups[-1][0].append(operation)
        elif name in ("actor", "workspace", "session") and groups:
            groups[-1][1].setdefault(name, set()).add(value)
    for operations, said in groups:
        actor, workspace, session = (_only(said.get(name)) for name in ("actor", "workspace", "session"))
        for each in operations:
            yield each._replace(actor=actor, workspace=workspace, session=session)


def _only(values: set[str] | None) -> str:
    """The one value; of several, nobody knows which belongs to what."""
    return min(values) if values and len(values) == 1 else ""


def _operation(value: str, item: str) -> Operation | None:
    ulid, _, rest = value.partition(" ")
    words = rest.split()
    if not _ULID.fullmatch(ulid) or not words:
        return None
    # `check --fix` is two words.
    count = next((place for place, word in enumerate(words[1:], 1) if not word.startswith("--")), len(words))
    return Operation(ulid, " ".join(words[:count]), tuple(words[count:]), item=item)


def _values(said: Sequence[tuple[str, str]], key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for name, value in said if name == key and value))
