"""Moving and renaming: the files move, ids and references stay."""

from __future__ import annotations

from collections.abc import Sequence

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.model import layout, slugs
from wrkq_files.model.fields import DocType
from wrkq_files.service import graph, resolve
from wrkq_files.service.change import Change, FileEdit, Options, Written, keep
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.update import check_match, with_id


def mv(tracker: Tracker, sources: Sequence[str], target: str, options: Options) -> Written:
    """Moves documents into the container ``target``, or renames the one source to it; subtasks go along.

    Raises WrkqError: ``exists`` where something of that name is, ``validation`` for a name that is no slug, a
    container into itself, or a subtask away from its parent.
    """

    def plan() -> Change:
        tracker.index.refresh()
        entries = resolve.many(tracker, sources)
        into = _container(tracker, target)
        if into is None and len(entries) != 1:
            raise WrkqError("not_found", f"there is no container `{target}`", hint=f"wrkq mkdir -p {target}")
        _check_apart(entries)
        moving = {entry.id for entry in entries}
        moves: list[FileEdit] = []
        rows: list[dict[str, str]] = []
        for entry in entries:
            check_match(entry, options)
            new = _address(tracker, entry, target, into)
            if new != entry.address:
                moves += _moves(tracker, entry, new, moving)
                rows.append({"id": entry.id, "path": new, "from": entry.address})
        _check_distinct(moves)
        subject = "; ".join(f"{row['from']} -> {row['path']}" for row in rows) or "nothing to move"
        return Change(
            "mv", tuple(row["id"] for row in rows if row["id"]), subject, tuple(moves), data={"moved": rows}
        )

    return carry_out(tracker, plan, options)


def _check_apart(entries: Sequence[Entry]) -> None:
    """Raises ``validation`` for the tracker's root, and for what another one of the sources takes along."""
    for entry in entries:
        if not entry.address:
            raise WrkqError(
                "validation", "the tracker's root cannot be moved", hint="git mv, with no command running"
            )
        for other in entries:
            if other.type is DocType.CONTAINER and entry.address.startswith(f"{other.address}/"):
                raise WrkqError(
                    "validation", f"{entry.address} moves along with {other.address}", hint="name one only"
                )


def _moves(tracker: Tracker, entry: Entry, new: str, moving: set[str]) -> list[FileEdit]:
    _check_free(tracker, entry, new)
    if entry.type is DocType.CONTAINER:
        return _container_moves(tracker, entry, new)
    return _task_moves(tracker, entry, new, moving)


def _container(tracker: Tracker, target: str) -> str | None:
    """The address of an existing container that the target names, or None."""
    address = resolve.container_address(tracker, target)
    return resolve.check_container(tracker, address) if tracker.is_folder(address) else None


def _address(tracker: Tracker, entry: Entry, target: str, into: str | None) -> str:
    name = entry.address.rpartition("/")[2]
    # A folder of its own name is what `mv a a` names, and on some systems `mv a A`; nothing moves into itself.
    if into is not None and into != entry.address:
        return f"{into}/{name}".lstrip("/")
    address = resolve.new_place(tracker, target.removesuffix(".md"))
    if "/" not in target and entry.container and into is None:
        # A bare word renames in place, wherever one stands.
        address = f"{entry.container}/{target.removesuffix('.md')}"
    if address == entry.address or into is not None:
        return entry.address
    folder, _, slug = address.rpartition("/")
    if reason := slugs.problem(slug):
        raise WrkqError("validation", f"`{slug}` cannot be a name here: {reason}")
    resolve.check_container(tracker, folder)
    if not tracker.is_folder(folder):
        raise WrkqError("not_found", f"there is no container `{folder}`", hint=f"wrkq mkdir -p {folder}")
    return address


def _check_free(tracker: Tracker, entry: Entry, new: str) -> None:
    folder, _, slug = new.rpartition("/")
    old = entry.address if entry.type is DocType.CONTAINER else entry.path
    for name in tracker.names(folder):
        if name.lower() in (slug.lower(), f"{slug.lower()}.md") and (f"{folder}/{name}" if folder else name) != old:
            raise WrkqError("exists", f"there is already a `{new}`", hint="choose another name")
    if entry.type is DocType.CONTAINER and f"{new}/".startswith(f"{entry.address}/"):
        raise WrkqError("validation", f"{entry.address} cannot move into itself")


def _task_moves(tracker: Tracker, entry: Entry, new: str, moving: set[str]) -> list[FileEdit]:
    folder = new.rpartition("/")[0]
    moves = [_move(entry, layout.document_path(DocType.TASK, new))]
    if folder == entry.container:
        return moves
    if entry.parent and entry.parent not in moving:
        raise WrkqError(
            "validation",
            f"{entry.address} is a subtask, and lies in its parent's folder",
            hint=f"move the parent, or first: wrkq set {entry.address} --parent ''",
        )
    for child in tracker.index.children(entry.container):
        if child.parent == entry.id and child.id not in moving:
            address = f"{folder}/{child.slug}".lstrip("/")
            _check_free(tracker, child, address)
            moves.append(_move(child, layout.document_path(DocType.TASK, address)))
    return moves


def _move(entry: Entry, to: str) -> FileEdit:
    """The id of a hand-made file is derived from where it was first: it is written before the file moves."""
    return FileEdit.move(entry.path, to, keep if entry.id_source == "file" else with_id(entry))


def _container_moves(tracker: Tracker, entry: Entry, new: str) -> list[FileEdit]:
    """Every file below the folder moves, whatever it is."""
    held = [entry, *_below(tracker, entry.address)]
    _check_sections(tracker, entry, held, new)
    written = {each.path: each for each in held}
    moves = []
    for path in tracker.files(entry.address):
        to = f"{new}/{path.removeprefix(f'{entry.address}/')}"
        document = written.get(path)
        moves.append(_move(document, to) if document else FileEdit.move(path, to))
    return moves


def _check_sections(tracker: Tracker, moved: Entry, held: Sequence[Entry], new: str) -> None:
    """Raises ``validation`` for a feature that comes into a project without the section it is in."""
    for entry in held:
        if not entry.section or f"{entry.project or ''}/".startswith(f"{moved.address}/"):
            continue  # its project moves along
        try:
            graph.check_section(tracker, graph.project_above(tracker, new), entry.section)
        except WrkqError as error:
            hint = f"first: wrkq set {entry.address} --section ''"
            raise WrkqError(error.code, f"{entry.address}: {error.message}", hint=hint) from error


def _below(tracker: Tracker, address: str) -> list[Entry]:
    from wrkq_files.index.query import Query

    return tracker.index.find(Query(types=resolve.ANY, under=address, archived="include"))


def _check_distinct(moves: Sequence[FileEdit]) -> None:
    targets = [move.to for move in moves]
    for target in targets:
        if targets.count(target) > 1:
            raise WrkqError("exists", f"two files would become {target}", hint="move them one by one")
