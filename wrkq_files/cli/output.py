"""Every answer goes through here: data to stdout, words to stderr, each in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wrkq_files.cli import form as forms
from wrkq_files.cli import tables, text
from wrkq_files.cli.form import Form
from wrkq_files.cli.screen import Screen, paint
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.model.finding import Finding


#: One of what is hidden, where the reason is a plural.
_ONE: Final = {"ideas": "idea"}
_HASH: Final = 8


class Rows(NamedTuple):
    """A list to print. ``items`` stand in an order that ``keys`` name; the last of these identifies an item.

    ``read`` makes rows with the named fields (and raises ``usage`` for a name it does not know); ``fields`` are those
    of a lean row, ``main`` is what ``-1`` prints. ``table`` draws the items for people.
    """

    items: Sequence[Any]
    read: Callable[[Sequence[Any], Sequence[str]], Sequence[Mapping[str, Any]]]
    table: Callable[[Sequence[Any]], Iterable[str]]
    fields: Sequence[str]
    main: str
    keys: Sequence[str]


class Output:
    """One request's answer. What is *about* it is gathered, and said at the end (see :meth:`close`)."""

    def __init__(self, program: str, form: Form, screen: Screen) -> None:
        self.program = program
        self.form = form
        self.screen = screen
        self._facts: dict[str, Any] = {}
        self._words: list[str] = []
        self.commit = ""  # of the tracker as it was, where that was asked for

    def line(self, words: str, style: str = "") -> None:
        """A line of data for people."""
        self.screen.emit(self.screen.styled(text.clean(words), style))

    def lines(self, lines: Iterable[str]) -> None:
        """Lines that are clean already, and may be coloured."""
        self.screen.out.writelines(f"{line}\n" for line in lines)

    def object(self, value: Mapping[str, Any]) -> None:
        """One object, where a command has no list to give."""
        self.screen.emit(forms.dumps(value, indent=2))

    def objects(self, values: Sequence[Mapping[str, Any]]) -> None:
        """An array of objects of any shape, or one a line."""
        self.lines(forms.lines(self.form, (), values))

    def rows(self, rows: Rows) -> None:
        """A list: ordered, cut into the page, printed."""
        items = self._page(rows)
        if self.form.name == forms.TABLE and not self.form.fields:
            self.lines(rows.table(items))
            return
        bare = self.form.name in (forms.LINES, forms.NUL)
        names = self.form.fields or ((rows.main,) if bare else tuple(rows.fields))
        found = rows.read(items, names)
        if self.form.name == forms.TABLE:
            self._heads(found, names)
        elif self.form.name == forms.NUL:
            values = "".join(f"{value}\0" for value in forms.lines(self.form, names, found))
            self.screen.emit_raw(values.encode("utf-8", "surrogateescape"))
        else:
            self.lines(forms.lines(self.form, names, found))

    def about(self, words: str = "", **facts: Any) -> None:
        """Something about the answer: words for people, facts for programs."""
        if words:
            self._words.append(text.clean(words))
        for name, value in facts.items():
            had = self._facts.get(name)
            self._facts[name] = [*had, *value] if isinstance(had, list) and isinstance(value, list) else value

    def note(self, words: str) -> None:
        self.about(words, notes=[words])

    def warn(self, words: str) -> None:
        self._words.append(self._warning(words))
        self.about(warnings=[words])

    def faults(self, found: Iterable[Finding]) -> None:
        """Names the files that the answer lacks, because they cannot be read, and the values that do not fit."""
        from wrkq_files.model.rules import RULES

        where = f" (in {self.commit[:_HASH]})" if self.commit else ""
        for finding in found:
            missing = RULES[finding.rule].unreadable
            words = f"cannot be read: {finding.message}" if missing else f"{finding.message}, which is left out"
            self._words.append(self._warning(f"{finding.place}: {words}{where}"))
            told = [{name: value for name, value in finding.as_json().items() if value}]
            facts: dict[str, Any] = {"unreadable" if missing else "invalid": told}
            self.about(**facts)

    def as_of(self, commit: str, words: str) -> None:
        """Which moment all of it is about."""
        self.commit = commit
        line = text.clean(f"as of {words}").rstrip()
        self._words.append(paint(line, "dim") if self.screen.err_colour else line)
        self.about(as_of=commit)

    def merged_with(self, base: str, as_of: str, *, merged: bool) -> None:
        """Which base it was read together with; ``merged``: whether that changed anything."""
        if as_of:
            self.about(f"here merged with {base}" if merged else "", as_of=as_of)

    def in_bundle(self, name: str, where: str) -> None:
        """Which bundle all of it is about."""
        line = text.clean(f"bundle {name}{where}")
        self._words.append(paint(line, "dim") if self.screen.err_colour else line)
        self.about(bundle=name)

    def hidden(self, hidden: Mapping[str, int]) -> None:
        """How many the default view leaves out."""
        counts = {reason: count for reason, count in hidden.items() if count}
        if counts:
            nouns = {reason: _ONE.get(reason, reason) if count == 1 else reason for reason, count in counts.items()}
            said = ", ".join(f"{count} {nouns[reason]}" for reason, count in sorted(counts.items()))
            self.about(f"{said} hidden; -a shows {'them' if sum(counts.values()) > 1 else 'it'}", hidden=counts)

    def close(self) -> None:
        """Says what was gathered about the answer."""
        words, facts = self._words, self._facts
        self._words, self._facts = [], {}
        if self.form.is_json:
            words = [forms.dumps({"meta": facts})] if facts else []
        for line in words:
            self.screen.say(line)

    def _page(self, rows: Rows) -> Sequence[Any]:
        """``--sort``, ``--cursor`` and ``--limit``; the next page's cursor is about the answer."""
        form = self.form
        if not (form.sort or form.cursor or form.limit):
            return rows.items
        keys = (*form.sort, rows.keys[-1]) if form.sort else tuple(rows.keys)
        found = rows.read(rows.items, [*dict.fromkeys(key.removeprefix("-") for key in keys)])
        numbered = [{**row, "": number} for number, row in enumerate(found)]
        ordered = forms.ordered(numbered, form.sort)
        start, end, following = forms.page(ordered, form, keys)
        if following:
            self.about(f"{len(ordered) - end} more: --cursor {following}", next_cursor=following)
        return [rows.items[row[""]] for row in ordered[start:end]]

    def _heads(self, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
        columns = [tables.Column(name, least=12) for name in names]
        cells = [[forms.plain(row[name]) for name in names] for row in rows]
        self.lines(tables.lines(columns, cells, self.screen, heading=True))

    def _warning(self, words: str) -> str:
        head = f"{self.program}: warning:"
        return f"{paint(head, 'yellow') if self.screen.err_colour else head} {text.clean(words)}"


def check_fields(names: Sequence[str], known: Collection[str]) -> None:
    """Raises ``usage`` for a name that is none of a row's fields."""
    unknown = [name for name in names if name not in known]
    if unknown:
        raise WrkqError("usage", f"there is no field `{unknown[0]}`", hint=f"fields: {', '.join(known)}")


def reader(known: Sequence[str]) -> Callable[[Sequence[Any], Sequence[str]], list[dict[str, Any]]]:
    """A ``read`` for items that are mappings with these names."""

    def read(items: Sequence[Any], names: Sequence[str]) -> list[dict[str, Any]]:
        check_fields(names, known)
        return [{name: item.get(name) for name in names} for item in items]

    return read
