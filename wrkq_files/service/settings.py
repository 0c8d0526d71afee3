"""The settings that are in force, and changing one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.files import config_edit
from wrkq_files.git import read
from wrkq_files.model import config, layout
from wrkq_files.service import actors
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker


class Setting(NamedTuple):
    """One effective setting; ``source`` is ``wrkq.yaml:LINE``, ``default``, or what else decided."""

    name: str
    value: Any
    source: str


def doctor(tracker: Tracker) -> list[Setting]:
    """Each effective setting and where it came from."""
    text = (tracker.read(layout.CONFIG_NAME) or b"").decode("utf-8", "replace")
    lines = {
        line.partition(":")[0].strip(): number for number, line in enumerate(text.splitlines(), 1) if ":" in line
    }
    raw = tracker.config.raw
    rows = [Setting("root", tracker.prefix or ".", "where wrkq.yaml is")]
    for name, value in _flat(config.effective(tracker.config)).items():
        written = _has(raw, name.split("."))
        line = lines.get(name.rpartition(".")[2], lines.get(name.partition(".")[0], 0))
        rows.append(Setting(name, value, f"{layout.CONFIG_NAME}:{line}" if written else "default"))
    rows += [
        Setting(name, raw[name], f"{layout.CONFIG_NAME}:{lines.get(name, 0)}, without effect in this version")
        for name in config.NOT_IN_FORCE
        if name in raw
    ]
    who = actors.current(tracker)
    rows.append(Setting("actor", who.slug if who else None, who.source if who else "nobody is known"))
    rows.append(Setting("git identity", read.email(tracker.repo), "git config"))
    return rows


def change(tracker: Tracker, name: str, text: str, options: Options) -> Written:
    """Sets one setting of ``wrkq.yaml`` (``name`` is dotted: ``commit.mode``); an empty text takes it out.

    Raises WrkqError ``validation`` for what the schema does not allow, ``unreadable`` for a file that is broken.
    """
    if name == "format":
        raise WrkqError("refused", "`format` says how the files are written, and is not chosen")
    value = config_edit.typed_value(name, text)

    def plan() -> Change:
        if name == "default_actor" and value is not None:
            actors.check_known(tracker, text)
        # Whatever else is uncommitted in the file may be about the same setting: the whole text counts as touched.
        edit = FileEdit.modify(
            layout.CONFIG_NAME, lambda data: config_edit.set_config(data, name, value), {"body", name}
        )
        said = f"{layout.CONFIG_NAME}: " + (f"no {name}" if value is None else f"{name} {text}")
        return Change("config-set", (), said, (edit,), data={"name": name, "value": value})

    return carry_out(tracker, plan, options)


def _flat(mapping: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in mapping.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _has(raw: Any, parts: Sequence[str]) -> bool:
    for part in parts:
        if not isinstance(raw, Mapping) or part not in raw:
            return False
        raw = raw[part]
    return True
