"""Findings as other programs take them: GitHub's workflow commands, and SARIF 2.1.0."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from wrkq_files import __version__
from wrkq_files.cli import form, text
from wrkq_files.cli.options import ROWS
from wrkq_files.cli.request import Request
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.cli.findings import Shown
    from wrkq_files.model.finding import Finding
    from wrkq_files.model.rules import Rule
    from wrkq_files.service.checking import Checked

FORMATS: Final = ("github", "sarif")
#: SARIF knows our notice as a note; to GitHub's workflow commands the three have the names they have here.
_LEVELS: Final = {"error": "error", "warning": "warning", "notice": "note"}
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
#: The name of the fingerprint; another way of making it must have another name, or old results would seem mended.
_FINGERPRINT: Final = "wrkqFinding/v1"
_HASH: Final = 8
_LINE_NUMBER: Final = re.compile(r"\bline \d+")
_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def chosen(ask: Request, name: str | None) -> str | None:
    """The report that ``--format`` names. Raises ``usage`` for one that there is not, or beside another form."""
    if name is None:
        return None
    if name not in FORMATS:
        raise WrkqError("usage", f"there is no format `{name}`", hint=f"formats: {', '.join(FORMATS)}")
    for option in ROWS:
        if ask.given.get(option.names[0]):
            raise WrkqError(
                "usage", f"{option.names[-1]} and --format {name} contradict each other", hint="choose one"
            )
    return name


def lines(name: str, found: Iterable[Shown]) -> Iterator[str]:
    """The report's lines; a file has its path from the repository's top, where such programs look for it."""
    from wrkq_files.model.rules import RULES
    from wrkq_files.service.checking import Checked

    moved = [Checked(_in_commit(each), each.severity) for each in found]
    return github(moved) if name == "github" else iter([sarif(moved, list(RULES.values()), __version__)])


def _in_commit(shown: Shown) -> Finding:
    finding = shown.finding.moved(shown.top)
    commit = f" (in {shown.commit[:_HASH]})" if shown.commit else ""
    return finding._replace(message=f"{finding.message}{commit}")


def github(found: Iterable[Checked]) -> Iterator[str]:
    """Workflow commands, one a finding: GitHub shows them beside the lines of a request's files."""
    for finding, severity in found:
        numbers = (("line", finding.line), ("col", finding.column))
        properties = {"file": finding.path, **{name: str(n) for name, n in numbers if n}, "title": finding.rule}
        said = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items())
        # What drives a terminal has no escape here; a log is read on terminals too.
        yield text.clean(f"::{severity} {said}::{_message(finding).translate(_DATA)}")


def sarif(found: Iterable[Checked], rules: Sequence[Rule], version: str) -> str:
    """A SARIF 2.1.0 log (OASIS) of one run, the same for the same findings."""
    places = {rule.id: number for number, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    run = {
        "tool": {"driver": {"name": "wrkq", "version": version, "rules": [_rule(rule) for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, places[each.finding.rule], seen) for each in found],
    }
    return form.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.reason},
        "help": {"text": rule.remedy},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(checked: Checked, place: int, seen: Counter[str]) -> dict[str, Any]:
    finding = checked.finding
    # The bytes of the name, whatever they are: a name need not be UTF-8.
    artifact = {"uri": quote(os.fsencode(finding.path)), "uriBaseId": "%SRCROOT%"}
    numbers = (("startLine", finding.line), ("startColumn", finding.column))
    region = {name: number for name, number in numbers if number}
    physical = {"artifactLocation": artifact, **({"region": region} if region else {})}
    return {
        "ruleId": finding.rule,
        "ruleIndex": place,
        "level": _LEVELS[checked.severity],
        "message": {"text": text.clean(_message(finding))},
        "locations": [{"physicalLocation": physical}],
        "partialFingerprints": {_FINGERPRINT: _fingerprint(finding, seen)},
    }


def _fingerprint(finding: Finding, seen: Counter[str]) -> str:
    """The same wherever in its file the finding stands; the second of two equal ones is told from the first."""
    import hashlib  # brings OpenSSL, which no other check needs

    said = "\0".join((finding.rule, finding.path, _LINE_NUMBER.sub("line", finding.message)))
    digest = hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"


def _message(finding: Finding) -> str:
    """What was found, what is allowed and what mends it, a line each."""
    more = (("allowed", finding.allowed), ("mend", finding.remedy))
    return "\n".join([finding.message, *(f"{word}: {value}" for word, value in more if value)])
