"""Features whose section and tasks are at odds, as hand edits and merges leave them, and putting that right."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Final

from wrkq_files.index.entry import Entry
from wrkq_files.model import sections
from wrkq_files.model.fields import CLOSED_STATES, DocType
from wrkq_files.model.progress import Piece
from wrkq_files.service import columns, resolve
from wrkq_files.service.advancing import Step, in_section
from wrkq_files.service.change import Change, Options, Written
from wrkq_files.service.columns import Columns
from wrkq_files.service.tracker import Tracker

if TYPE_CHECKING:
    from wrkq_files.service.history import History

_MOVES: Final = frozenset({"in_progress", *CLOSED_STATES})


def steps(tracker: Tracker, boards: Iterable[Columns], pieces: Iterable[Piece]) -> list[Step]:
    """Where features belong by their tasks; ``tracker`` has the history, the others are as it is looked at.

    A section that somebody chose after the last move of a task into work or out of it holds.
    """
    own: dict[str, list[Piece]] = {}
    for each in pieces:
        if each.feature is not None:
            own.setdefault(each.feature, []).append(each)
    found = []
    for board in boards:
        for feature in board.features:
            old = board.section_of(feature)
            new = sections.suggested(board.sections, old, {each.state for each in own.get(feature.address, ())})
            if new and new != old and feature.blob:
                found.append(Step(feature, old, new))
    chosen = _chosen_by_hand(tracker, found, own) if found else ()
    return [each for each in found if each.feature.id not in chosen]


def tidy(tracker: Tracker, targets: Sequence[str], options: Options) -> Written:
    """Puts features where their tasks say; of all, or of these projects and features, in one change."""
    from wrkq_files.service.publish import carry_out  # brings yaml: a board needs none
    from wrkq_files.service.update import modified

    def plan() -> Change:
        tracker.index.refresh()
        wanted = _wanted(tracker, targets)
        boards = columns.of(tracker)
        todo = [each for each in steps(tracker, boards, tracker.index.pieces()) if wanted(each.feature)]
        edits = [modified(each.feature, partial(in_section, each.new), {"section"}) for each in todo]
        told = [each.as_json() for each in todo]
        notes = [each.words for each in todo]
        subject = "sections follow their tasks" if todo else "every feature stands where its tasks say"
        ids = tuple(each.feature.id for each in todo)
        return Change("tidy", ids, subject, tuple(edits), notes=tuple(notes), data={"sections": told} if told else {})

    return carry_out(tracker, plan, options)


def _wanted(tracker: Tracker, targets: Sequence[str]) -> Callable[[Entry], bool]:
    if not targets:
        return lambda _: True
    named = [each.address for each in resolve.many(tracker, targets, (DocType.CONTAINER,))]
    return lambda each: any(each.address == one or not one or each.address.startswith(f"{one}/") for one in named)


def _chosen_by_hand(tracker: Tracker, found: Sequence[Step], own: Mapping[str, Sequence[Piece]]) -> Collection[str]:
    """The features whose section was set after their tasks last moved, by the order of commits."""
    from wrkq_files.service.history import History  # brings the event store

    with closing(History(tracker)) as history:
        chosen = _latest(history, "section", [step.feature.id for step in found])
        doubtful = [step for step in found if step.feature.id in chosen]
        moved = _latest(history, "state", [p.id for step in doubtful for p in own[step.feature.address]], _MOVES)
    by_hand = {
        step.feature.id
        for step in doubtful
        if all(moved.get(piece.id, 0) <= chosen[step.feature.id] for piece in own[step.feature.address])
    }
    return by_hand | _not_committed(tracker, found)


def _latest(
    history: History, field: str, identifiers: Sequence[str], values: Collection[str] | None = None
) -> dict[str, int]:
    """The number of the last commit that set a field of each of these documents, to one of the values."""
    if not identifiers:
        return {}
    where = "event.field = ? AND event.id IN (SELECT value FROM json_each(?))"
    seen = history.ask(where, [field, json.dumps(identifiers)], newest_first=False)
    return {
        each.happened.event.id: each.happened.number
        for each in seen
        if values is None or each.happened.event.new in values
    }


def _not_committed(tracker: Tracker, found: Sequence[Step]) -> set[str]:
    """The features whose section is another one in the working files than in HEAD."""
    from wrkq_files.git import read
    from wrkq_files.service import derived  # brings the event store

    paths = derived.edited(tracker, [each.feature for each in found]) if tracker.is_here else set()
    if not paths:
        return set()
    names = {f"HEAD:{tracker.repository_path(e.feature.path)}": e.feature for e in found if e.feature.path in paths}
    texts = read.blobs(tracker.repo, list(names))
    heads = {
        name: tracker.parse(data, DocType.CONTAINER, names[name].path).document
        for name, data in texts.items()
        if data is not None
    }
    return {names[name].id for name, head in heads.items() if head and head.get("section") != names[name].section}
