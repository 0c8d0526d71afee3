"""Merging two documents that came of one, field by field, then the text.

Every piece is decided to a :class:`Woven`: as ours, as theirs, and as it is shown. What only one side changed is its
text, to the byte; where both changed a field, the merged value is put into the one side's lines or the other's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from wrkq_files.merge import boxes, lines
from wrkq_files.merge.lines import Style, Woven
from wrkq_files.merge.order import order
from wrkq_files.merge.strategies import group
from wrkq_files.merge.values import meaning, merge_values, settle
from wrkq_files.model.document import Value
from wrkq_files.model.fields import FIELDS, DocType
from wrkq_files.model.merged import LIFECYCLE_FIELDS, Conflict
from wrkq_files.model.parts import Part, Parts
from wrkq_files.model.values import same

BODY: Final = "body"
#: Comments of the frontmatter that belong to no field.
COMMENTS: Final = "comments"
_NOTHING: Final = Part("", "", None)


class Tools(NamedTuple):
    """What merging needs of others.

    ``by_git`` merges lines. ``with_value``: a field's lines (its name, the lines, the value) saying another value,
    None where that needs a hand; ``value_in``: what lines say of the field, an ``Opaque`` where that is not clear;
    ``comments_in``: the comments in lines.
    """

    by_git: lines.Merge
    with_value: Callable[[str, str, Value], str | None]
    value_in: Callable[[str, str], Value]
    comments_in: Callable[[str], Counter[str]]


class Sides(NamedTuple):
    """One thing as the base, ours and theirs have it."""

    base: Any
    ours: Any
    theirs: Any


class Piece(NamedTuple):
    """A piece of the result, and where the sides do not agree on it; ``above``: the comments it opens with."""

    woven: Woven
    conflicts: tuple[Conflict, ...] = ()
    above: str = ""

    @classmethod
    def agreed(cls, above: str, text: str = "") -> Piece:
        return cls(Woven.clean(above + text), above=above)


class Result(NamedTuple):
    """The merged text thrice (see :class:`Woven`), the values it must say as ours and as theirs, the conflicts."""

    woven: Woven
    values: tuple[Mapping[str, Value], Mapping[str, Value]]
    conflicts: tuple[Conflict, ...]


def weave(kind: DocType, path: str, sides: Sides, style: Style, tools: Tools) -> Result:
    """What becomes of a document; ``sides`` are :class:`Parts`, the base's None where both sides added the file."""
    return _Weaver(kind, path, sides, style, tools).result()


class _Weaver:
    def __init__(self, kind: DocType, path: str, sides: Sides, style: Style, tools: Tools) -> None:
        self._kind, self._path, self._style, self._tools = kind, path, style, tools
        base = sides.base or Parts(sides.ours.opening, "", {}, "", "")
        self._sides = _parted_alike(Sides(base, sides.ours, sides.theirs))
        self._values: tuple[dict[str, Value], dict[str, Value]] = ({}, {})

    def result(self) -> Result:
        sides = self._sides
        fields, names = self._fields()
        header, footer = (
            self._comments(Sides(*texts)) for texts in zip(*((s.header, s.footer) for s in sides), strict=True)
        )
        pieces = [
            Piece(Woven.clean(_chosen(*(each.opening for each in sides)))),
            *self._moved_once([header, *(fields[name] for name in names), footer]),
            self._rest(Sides(*(each.rest for each in sides))),
        ]
        woven = [piece.woven for piece in pieces]
        ours, theirs, shown = ("".join(texts) for texts in zip(*(each[:3] for each in woven), strict=True))
        conflicts = tuple(each for piece in pieces for each in piece.conflicts)
        return Result(Woven(ours, theirs, shown), self._values, conflicts)

    # Frontmatter

    def _fields(self) -> tuple[dict[str, Piece], list[str]]:
        """Each field's piece, and the order they come in; fields in conflict as one are one piece."""
        found: dict[str, Piece] = {}
        everything = dict.fromkeys(name for each in self._sides for name in each.fields)
        disputed = self._disputed_group()
        for name in everything:
            if disputed and name in LIFECYCLE_FIELDS:
                found[group(self._kind, name)] = self._group(disputed)
            else:
                found[name] = self._field(name)
        called = [[group(self._kind, n) if disputed else n for n in each.fields] for each in self._sides]
        present = {name for name, piece in found.items() if piece.woven != Woven.clean("")}
        unique = [[*dict.fromkeys(each)] for each in called]
        return found, order(unique[0], unique[1], unique[2], present, self._rank)

    def _rank(self, name: str) -> tuple[int, str]:
        known = [*FIELDS[self._kind]]
        return (known.index(name) if name in known else len(known), name)

    def _parts(self, name: str) -> Sides:
        return Sides(*(each.fields.get(name) for each in self._sides))

    def _field(self, name: str) -> Piece:
        parts = self._parts(name)
        texts = Sides(*(part.full if part else "" for part in parts))
        settled = settle(*texts)
        if settled is not None:
            part = (parts.ours, parts.theirs)[settled] or _NOTHING
            self._expect(name, part, part)
            return Piece.agreed(part.above, part.text)
        outcome = merge_values(self._kind, name, *(part.value if part else None for part in parts))
        if not outcome.is_clean:
            return self._conflict(name, parts, (outcome.ours, outcome.theirs), "")
        text = self._rewritten(name, parts, outcome.ours)
        if text is None:
            return self._conflict(name, parts, (parts.ours, parts.theirs), "its lines, or the comments in them")
        if not text:
            self._expect(name, None, None)
            return Piece.agreed(self._left_above(parts))
        above = self._lines(Sides(*(part.above if part else "" for part in parts)))
        if not above.is_clean:
            return self._conflict(name, parts, (outcome.ours, outcome.ours), "the comments above it")
        self._expect(name, outcome.ours, outcome.ours)
        return Piece.agreed(above.ours, text)

    def _expect(self, name: str, ours: Value | Part, theirs: Value | Part) -> None:
        for expected, value in zip(self._values, (ours, theirs), strict=True):
            expected[name] = value.value if isinstance(value, Part) else value

    def _rewritten(self, name: str, parts: Sides, value: Value) -> str | None:
        """Lines that say the merged value and hold every comment that either side has written; None for none."""
        base, ours, theirs = (part or _NOTHING for part in parts)
        stays = value is not None or (ours.text and theirs.text)  # or both keep it, and say nothing in it
        wanted = self._all_comments(Sides(base, ours, theirs), inside=bool(stays))
        if not stays:
            kept = self._tools.comments_in(base.full) + Counter(map(str.strip, self._left_above(parts).splitlines()))
            return None if wanted - kept else ""
        for text in self._candidates(name, Sides(base, ours, theirs), value):
            if text is not None and self._says(name, text, value) and self._tools.comments_in(text) == wanted:
                return text
        return None

    def _left_above(self, parts: Sides) -> str:
        """Comments above a field that goes which the base, and the side without it, have above others: they stay."""
        left = []
        for part, other in ((parts.ours, self._sides.theirs), (parts.theirs, self._sides.ours)):
            others = _between(self._sides.base) & _between(other)
            own = Counter(map(str.strip, parts.base.above.splitlines() if parts.base else ()))
            for line in part.above.splitlines(keepends=True) if part else ():
                word = line.strip()
                own[word] -= 1
                if own[word] < 0 and others[word]:
                    left.append(line)
        return "".join(left)

    def _candidates(self, name: str, parts: Sides, value: Value) -> Iterator[str | None]:
        """Lines to try. Who looks at the sides the other way round tries the same in the same order."""
        texts = [part.text for part in parts]
        alone = settle(*texts)
        if alone is not None:
            yield texts[1 + alone]
        yield lines.quick(*texts)
        # Comments that came to close one side's lines, and nothing else, go below the other's.
        below = [_comments_below(texts[0], each) for each in texts[1:]]
        if below.count("") == 1:
            yield texts[1 + (not below[1])] + "".join(below)

        def meant(each: Value) -> Value:
            return meaning(self._kind, name, each)

        present = [part for part in (parts.ours, parts.theirs) if part.text]
        # A side that changed only how it is written keeps that; the other's value goes into its lines.
        present.sort(key=lambda part: (not same(meant(part.value), meant(parts.base.value)), part.text))
        for part in present:
            if same(meant(part.value), meant(value)):
                yield part.text
        for part in present:
            yield self._tools.with_value(name, part.text, value)
        whole = self._lines(Sides(*texts))
        yield whole.ours if whole.is_clean else None

    def _says(self, name: str, text: str, value: Value) -> bool:
        found = self._tools.value_in(name, text)
        return same(meaning(self._kind, name, found), meaning(self._kind, name, value))

    def _all_comments(self, parts: Sides, *, inside: bool) -> Counter[str]:
        """What both sides did is one change; a comment that one side added and the other removed elsewhere stays."""
        was, mine, yours = (self._tools.comments_in(part.text if inside else part.full) for part in parts)
        changes = {word: {mine[word] - was[word], yours[word] - was[word]} for word in {*was, *mine, *yours}}
        return +Counter({word: was[word] + sum(each) for word, each in changes.items()})

    def _conflict(self, name: str, parts: Sides, values: tuple[Any, Any], why: str) -> Piece:
        """The field in question; what else was merged in it is in both sides' lines."""
        texts, said = [], []
        for part, value in zip((parts.ours, parts.theirs), values, strict=True):
            value = value.value if isinstance(value, Part) else value
            text, held = (part.text, part.value) if part else ("", None)
            if part and not same(held, value) and (changed := self._tools.with_value(name, text, value)) is not None:
                text, held = changed, value
            texts.append(part.above + text if part else "")
            said.append(held)
        self._expect(name, *said)
        base, mine, yours = (_json(part.value if part else None) for part in parts)
        told = Conflict(self._path, group(self._kind, name), base, mine, yours, why)
        return Piece(lines.versus(texts[0], texts[1], self._style), (told,))

    # Fields that count as one

    def _disputed_group(self) -> Sequence[str]:
        """The fields of the group that counts as one, where both sides changed it, and differently."""
        if self._kind is not DocType.TASK:
            return ()
        parts = [self._parts(name) for name in LIFECYCLE_FIELDS]
        values = [
            [
                meaning(self._kind, name, part.value if part else None)
                for name, part in zip(LIFECYCLE_FIELDS, side, strict=True)
            ]
            for side in zip(*parts, strict=True)
        ]
        return LIFECYCLE_FIELDS if settle(*values) is None else ()

    def _group(self, names: Sequence[str]) -> Piece:
        texts, told = [], []
        for side, each in enumerate(self._sides):
            there = {name: part for name, part in each.fields.items() if name in names}
            texts.append("".join(part.full for part in there.values()))
            told.append({name: _json(part.value) for name, part in there.items()})
            if side:
                self._values[side - 1].update({name: there[name].value if name in there else None for name in names})
        conflict = Conflict(self._path, group(self._kind, names[0]), told[0], told[1], told[2], "")
        return Piece(lines.versus(texts[1], texts[2], self._style), (conflict,))

    # Text

    def _moved_once(self, pieces: list[Piece]) -> list[Piece]:
        """Without the second copy of a comment of the base that the sides have put above different fields."""
        was, mine, yours = (_between(each) for each in self._sides)
        most = {word: n + max(0, mine[word] - n) + max(0, yours[word] - n) for word, n in was.items()}
        seen: Counter[str] = Counter()
        return [each if each.conflicts else _without(each, most, seen) for each in pieces]

    def _lines(self, texts: Sides) -> Woven:
        return lines.merge(*texts, self._style, self._tools.by_git)

    def _comments(self, texts: Sides) -> Piece:
        woven = self._lines(texts)
        if woven.is_clean:
            return Piece.agreed(woven.ours)
        return Piece(woven, self._told(COMMENTS, woven, "comments of the frontmatter"))

    def _rest(self, texts: Sides) -> Piece:
        settled = settle(*texts)
        if settled is not None:
            return Piece(Woven.clean((texts.ours, texts.theirs)[settled]))
        woven = self._lines(Sides(*boxes.agreed(*texts)))
        return Piece(woven, () if woven.is_clean else self._told(BODY, woven, ""))

    def _told(self, field: str, woven: Woven, why: str) -> tuple[Conflict, ...]:
        return tuple(Conflict(self._path, field, None, ours, theirs, why) for ours, theirs in woven.regions)


def _chosen(base: str, ours: str, theirs: str) -> str:
    """The opening line: with or without a byte order mark."""
    settled = settle(base, ours, theirs)
    return max(ours, theirs) if settled is None else (ours, theirs)[settled]


def _parted_alike(sides: Sides) -> Sides:
    """What the other sides have above a field is the field's, also where it is the first: no header."""
    if not sides.base.fields:
        top = min((each.header for each in sides if each.fields), key=len, default="")
        return Sides(*(_with_header(each, top) if each.header.startswith(top) else each for each in sides))
    base = _parted(sides.base, sides, sides.base)
    return Sides(base, *(_parted(each, sides, base) for each in sides[1:]))


def _parted(side: Parts, sides: Sides, base: Parts) -> Parts:
    """The side, with less in its header; where the base's has become less, and the side's begins so, no more than it.

    Without this a comment that goes along with a field is taken for one about all as soon as the field comes first.
    """
    first = _first(side)
    if first is None:
        return side
    top, own = side.header + side.fields[first].above, side.fields[first].above
    elsewhere = [each.fields[first].above for each in sides if first in each.fields and first != _first(each)]
    above = max((each for each in elsewhere if f"\n{top}".endswith(f"\n{each}")), key=len, default="")
    if not above and first == _first(base) and base.header != sides.base.header and top.startswith(base.header):
        above = top.removeprefix(base.header)
    return _with_header(side, top.removesuffix(above)) if len(above) > len(own) else side


def _with_header(side: Parts, header: str) -> Parts:
    """The side with no more than that of its header; the rest goes above its first field, or into the footer."""
    rest, first = side.header[len(header) :], _first(side)
    if first is None:
        return side._replace(header=header, footer=rest + side.footer)
    part = side.fields[first]
    fields = {**side.fields, first: part._replace(above=rest + part.above)}
    return side._replace(header=header, fields=fields)


def _first(side: Parts) -> str | None:
    return next(iter(side.fields), None)


def _between(parts: Parts) -> Counter[str]:
    """The comments that stand outside of fields, and how often each does."""
    texts = (parts.header, *(part.above for part in parts.fields.values()), parts.footer)
    return Counter(line.strip() for text in texts for line in text.splitlines() if "#" in line)


def _comments_below(base: str, side: str) -> str:
    """What a side has below the base's lines, where that is comments and blank lines alone; else empty."""
    below = side.removeprefix(base)
    return "" if below == side or any(line.strip()[:1] not in ("", "#") for line in below.splitlines()) else below


def _without(piece: Piece, most: Mapping[str, int], seen: Counter[str]) -> Piece:
    """The piece without comments above it that there would be more than ``most`` of; counts them in ``seen``."""
    kept = []
    for line in piece.above.splitlines(keepends=True):
        word = line.strip()
        seen[word] += 1
        if seen[word] <= most.get(word, seen[word]):
            kept.append(line)
    above = "".join(kept)
    return piece if above == piece.above else Piece.agreed(above, piece.woven.ours.removeprefix(piece.above))


def _json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _json(each) for key, each in value.items()}
    return [_json(each) for each in value] if isinstance(value, (tuple, list)) else value


__all__ = ["BODY", "COMMENTS", "Result", "Sides", "Tools", "weave"]
