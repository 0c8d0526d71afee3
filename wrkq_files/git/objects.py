"""New objects: blobs, the trees that differ, a commit; stored by git from one pack."""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

from wrkq_files.errors import WrkqError
from wrkq_files.git.repo import object_id
from wrkq_files.git.run import Running, git, start

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wrkq_files.git.repo import Repo

_PACK_TYPES = {"commit": 1, "tree": 2, "blob": 3}
#: From this many objects on they stay together in a pack, as git itself does with a fetch (fetch.unpackLimit).
_KEEP_PACK = 100

#: A tree's entries: name to (mode, id), as in git: mode ``40000`` is a folder.
Tree = dict[bytes, tuple[bytes, str]]


class NewObjects:
    """Objects made but not stored yet, by id."""

    def __init__(self, object_format: str) -> None:
        self.object_format = object_format
        self.made: dict[str, tuple[str, bytes]] = {}

    def add(self, kind: str, data: bytes) -> str:
        oid = object_id(kind, data, self.object_format)
        self.made[oid] = (kind, data)
        return oid


def store(repo: Repo, objects: NewObjects) -> Running | None:
    """Start handing all objects to git, which writes them with its own permissions, compression and fsync settings.

    They are there when what is returned has been waited for.
    """
    import hashlib

    if not objects.made:
        return None
    parts = [b"PACK", (2).to_bytes(4, "big"), len(objects.made).to_bytes(4, "big")]
    for kind, data in objects.made.values():
        parts += [_pack_header(_PACK_TYPES[kind], len(data)), zlib.compress(data, 1)]
    pack = b"".join(parts)
    pack += hashlib.new(objects.object_format, pack, usedforsecurity=False).digest()
    command = ["unpack-objects", "-q"] if len(objects.made) < _KEEP_PACK else ["index-pack", "--stdin"]
    objects.made.clear()
    return start(repo, *command, input=pack)


def folders_of(paths: Iterable[str]) -> list[str]:
    """Every folder above ``paths``; ``""`` is the root."""
    folders = {""}
    for path in paths:
        above = path.rpartition("/")[0]
        while above not in folders:
            folders.add(above)
            above = above.rpartition("/")[0]
    return sorted(folders)


def ask_trees(repo: Repo, commit: str, folders: Iterable[str]) -> Running:
    """Start reading trees of ``commit``: one git for all, read by :func:`trees`."""
    return start(repo, "cat-file", "--batch", "--buffer", input=_specs(commit, _plain(folders)))


def trees(repo: Repo, commit: str, folders: Iterable[str], answer: bytes) -> dict[str, Tree]:
    """The trees of ``commit`` by folder, from what :func:`ask_trees` answered."""
    found: dict[str, Tree] = {}
    size = len(commit) // 2
    at = 0
    for folder in _plain(folders):
        end = answer.index(b"\n", at)
        words = answer[at:end].split(b" ")
        at = end + 1
        if len(words) == 3 and words[1] in (b"tree", b"blob", b"commit") and words[2].isdigit():
            if words[1] == b"tree":
                found[folder] = decode(answer[at : at + int(words[2])], size)
            at += int(words[2]) + 1
    # cat-file --batch ends a name at a newline (its -z is git 2.38's).
    for folder in folders:
        if "\n" in folder:
            found[folder] = decode(git(repo, "cat-file", "tree", f"{commit}:{folder}", check=False), size)
    return found


def mode_in(trees: Mapping[str, Tree], path: str) -> str | None:
    """The mode of ``path`` in these trees, ``None`` when it is not there."""
    folder, _, name = path.rpartition("/")
    entry = trees.get(folder, {}).get(os.fsencode(name))
    return entry[0].decode() if entry else None


def write_trees(objects: NewObjects, old: Mapping[str, Tree], changes: Mapping[str, tuple[str, str] | None]) -> str:
    """Make the trees that result from ``changes`` (path to (mode, id), ``None``: gone); the root's id."""
    nested: dict[str, dict[bytes, tuple[str, str] | None]] = {"": {}}
    for path, entry in changes.items():
        folder, _, name = path.rpartition("/")
        nested.setdefault(folder, {})[os.fsencode(name)] = entry
        while folder:
            folder = folder.rpartition("/")[0]
            nested.setdefault(folder, {})
    # Deepest first: a tree holds the ids of those below it.
    for folder in sorted(nested, key=lambda name: name.count("/") + bool(name), reverse=True):
        tree = _changed(old.get(folder, {}), nested[folder])
        if not folder:
            return objects.add("tree", _encode(tree))
        above, _, name = folder.rpartition("/")
        if tree:
            nested[above][os.fsencode(name)] = ("40000", objects.add("tree", _encode(tree)))
        elif folder in old:
            nested[above].setdefault(os.fsencode(name), None)  # git knows no empty folder
    raise AssertionError("the root is always among the folders")


def write_commit(objects: NewObjects, tree: str, parent: str | None, idents: tuple[str, str], message: str) -> str:
    """Make a commit object; ``idents`` are author and committer as ``git var`` prints them."""
    lines = [
        f"tree {tree}",
        *([f"parent {parent}"] if parent else []),
        f"author {idents[0]}",
        f"committer {idents[1]}",
    ]
    text = "\n".join(lines) + "\n\n" + message.rstrip("\n") + "\n"
    data = text.encode("utf-8", "surrogateescape")
    if b"\0" in data:
        raise WrkqError("refused", "a commit message cannot hold a NUL character")
    return objects.add("commit", data)


def _changed(tree: Tree, entries: Mapping[bytes, tuple[str, str] | None]) -> Tree:
    tree = dict(tree)
    for name, entry in entries.items():
        if entry is None:
            tree.pop(name, None)
        else:
            tree[name] = (entry[0].encode(), entry[1])
    return tree


def _encode(tree: Tree) -> bytes:
    # git sorts a folder as if its name ended with a slash.
    rows = sorted((name + b"/" if mode == b"40000" else name, mode, name, oid) for name, (mode, oid) in tree.items())
    return b"".join(mode + b" " + name + b"\0" + bytes.fromhex(oid) for _, mode, name, oid in rows)


def decode(data: bytes, size: int) -> Tree:
    """A tree object's entries; ``size``: the bytes of an id."""
    tree: Tree = {}
    at = 0
    while at < len(data):
        space = data.index(b" ", at)
        end = data.index(b"\0", space)
        tree[data[space + 1 : end]] = (data[at:space], data[end + 1 : end + 1 + size].hex())
        at = end + 1 + size
    return tree


def _plain(folders: Iterable[str]) -> list[str]:
    return [folder for folder in folders if "\n" not in folder]


def _specs(commit: str, folders: Iterable[str]) -> bytes:
    return b"".join(os.fsencode(f"{commit}:{folder}\n") for folder in folders)


def _pack_header(kind: int, size: int) -> bytes:
    """A pack entry's type and size: 4 bits of size beside the type, then 7 a byte, the lowest first."""
    byte, size = kind << 4 | size & 15, size >> 4
    out = bytearray()
    while size:
        out.append(byte | 128)
        byte, size = size & 127, size >> 7
    out.append(byte)
    return bytes(out)
