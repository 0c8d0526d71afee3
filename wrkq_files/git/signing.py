"""Whether the signing of commits that the configuration asks for can be done here."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wrkq_files.git.health import is_true

if TYPE_CHECKING:
    from collections.abc import Mapping

#: gpg.format to the program that signs, unless the configuration names another.
_PROGRAMS: Final = {"openpgp": "gpg", "x509": "gpgsm", "ssh": "ssh-keygen"}
#: How a key that is written out begins, where ssh signs; anything else is a file.
_LITERAL: Final = ("key::", "ssh-", "ecdsa-", "sk-")


def wanted(config: Mapping[str, str]) -> bool:
    return is_true(config.get("commit.gpgsign", "false"))


def program(config: Mapping[str, str]) -> str:
    """The program that signs; empty for a ``gpg.format`` that git does not know."""
    form = config.get("gpg.format", "openpgp")
    if form not in _PROGRAMS:
        return ""
    older = config.get("gpg.program", "") if form == "openpgp" else ""
    return config.get(f"gpg.{form}.program") or older or _PROGRAMS[form]


def problem(config: Mapping[str, str]) -> str:
    """Why no commit can be signed, as a phrase; empty where nothing is known against it."""
    name = program(config)
    if not name:
        return f"gpg.format is `{config['gpg.format']}`, which git does not know"
    if shutil.which(Path(name).expanduser()) is None:
        return f"there is no program `{name}`"
    if config.get("gpg.format") != "ssh":
        return ""
    key = config.get("user.signingkey", "")
    if not key:
        return "" if config.get("gpg.ssh.defaultkeycommand") else "user.signingkey names no key"
    if key.startswith(_LITERAL) or Path(key).expanduser().is_file():
        return ""
    return f"there is no key file `{key}`"
