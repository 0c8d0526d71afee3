"""Opening a request on a git host, through the host's own program: ``gh`` or ``glab``."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError

GITHUB, GITLAB = "gh", "glab"
_INSTALL: Final = "install gh or glab; or copy what `wrkq bundle request` prints"


class Opened(NamedTuple):
    """``updated``: there was a request already, and it says now what it should."""

    url: str
    program: str
    updated: bool


def program_for(url: str) -> str:
    """The program of the host that a remote is on. Raises ``refused`` where there is none."""
    there = [each for each in (GITHUB, GITLAB) if shutil.which(each)]
    host = url.removeprefix("ssh://").removeprefix("https://").lower()
    wanted = [GITLAB] if "gitlab" in host else [GITHUB] if "github" in host else [GITHUB, GITLAB]
    found = next((each for each in wanted if each in there), None)
    if found is None:
        message = f"{' or '.join(wanted)} is not installed, and it is what opens a request"
        raise WrkqError("refused", message, hint=_INSTALL)
    return found


def open_request(program: str, folder: str, branch: str, base: str, title: str, body: str) -> Opened:
    """Opens a request for a branch, or brings the one that is open up to date. Raises ``refused``."""
    act = _github if program == GITHUB else _gitlab
    return act(folder, branch, base, title, body)


def _github(folder: str, branch: str, base: str, title: str, body: str) -> Opened:
    found = _json(folder, GITHUB, "pr", "list", "--head", branch, "--state", "open", "--json", "number,url")
    if found:
        number, url = str(found[0]["number"]), str(found[0]["url"])
        _run(folder, [GITHUB, "pr", "edit", number, "--title", title, "--body-file", "-"], body)
        return Opened(url, GITHUB, updated=True)
    words = [GITHUB, "pr", "create", "--head", branch, "--base", base, "--title", title, "--body-file", "-"]
    return Opened(_last_line(_run(folder, words, body)), GITHUB, updated=False)


def _gitlab(folder: str, branch: str, base: str, title: str, body: str) -> Opened:
    found = _json(folder, GITLAB, "mr", "list", "--source-branch", branch, "--output", "json")
    if found:
        number, url = str(found[0]["iid"]), str(found[0].get("web_url", ""))
        _run(folder, [GITLAB, "mr", "update", number, "--title", title, "--description", body, "--yes"])
        return Opened(url, GITLAB, updated=True)
    words = [GITLAB, "mr", "create", "--source-branch", branch, "--target-branch", base]
    told = _run(folder, [*words, "--title", title, "--description", body, "--yes"])
    return Opened(_last_line(told), GITLAB, updated=False)


def _json(folder: str, *words: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(_run(folder, words) or "[]")
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _run(folder: str, words: Sequence[str], stdin: str = "") -> str:
    done = subprocess.run(words, cwd=folder, input=stdin.encode("utf-8", "replace"), capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip() or f"it ended with status {done.returncode}"
        raise WrkqError("refused", f"{' '.join(words[:3])}: {said}", hint="nothing of the tracker is changed")
    return done.stdout.decode("utf-8", "replace")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    links = [line for line in lines if "://" in line]
    return [*(links or lines), ""][-1] if not links else links[-1]
