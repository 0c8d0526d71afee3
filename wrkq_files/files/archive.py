"""A zip file of a few members, the same bytes for the same members, whole or not there."""

from __future__ import annotations

import contextlib
import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from wrkq_files.errors import WrkqError

#: The earliest time that a zip file can hold: when a member was made says nothing here.
_TIME: Final = (1980, 1, 1, 0, 0, 0)


def check_free(file: Path, *, force: bool) -> None:
    """Raises ``conflict`` for a file that is there, unless ``force``; ``not_found`` for a folder that is not."""
    if not file.parent.is_dir():
        raise WrkqError("not_found", f"{file.parent}: there is no such folder", hint="make it, or name another")
    if file.is_dir():
        raise WrkqError("conflict", f"{file} is a folder", hint="name a file in it")
    if os.path.lexists(file) and not force:
        raise _there(file)


def write(file: Path, members: Mapping[str, bytes], *, force: bool = False) -> None:
    """Writes the members in the order of their names. Raises WrkqError as :func:`check_free`, and ``io``."""
    check_free(file, force=force)
    aside = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        aside.write_bytes(_packed(members))
        _put(aside, file, force=force)
    except OSError as error:
        raise WrkqError("io", f"{file}: cannot be written ({error.strerror or error})") from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def _put(aside: Path, file: Path, *, force: bool) -> None:
    """A link fails where a file has come meanwhile, which a rename would not; not every file system knows links."""
    if not force:
        with contextlib.suppress(PermissionError, NotImplementedError):
            try:
                os.link(aside, file)
            except FileExistsError:
                raise _there(file) from None
            return
    aside.replace(file)


def _packed(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            packed.writestr(info, members[name])
    return out.getvalue()


def _there(file: Path) -> WrkqError:
    return WrkqError("conflict", f"{file} is there already", hint="--force overwrites it")
