"""Opening requests on git hosts, through the hosts' own programs ``gh`` and ``glab``; nothing else starts these.

Arguments go as lists, never through a shell; a body goes by standard input where the program takes it so.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.run import git

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wrkq_files.git.repo import Repo

GH: Final = "gh"
GLAB: Final = "glab"
PROGRAMS: Final = (GH, GLAB)
#: Linux takes no argument of 128 KiB or more.
ARGUMENT_BYTES: Final = 131_000
#: What the hosts' names contain that a program is for; a self-hosted one may be called anything.
_NAMES: Final = {GH: "github", GLAB: "gitlab"}
_WHERE_FROM: Final = {GH: "https://cli.github.com", GLAB: "https://gitlab.com/gitlab-org/cli"}
_HOST: Final = re.compile(r"^(?:[a-z+]+://(?:[^/@]*@)?([^/:]+)|(?:[^/@]*@)?([^/:]+):(?!//))")


class Remote(NamedTuple):
    """``host``: where it is pushed to, else where it is fetched from; empty where both are folders."""

    name: str
    host: str


class Opened(NamedTuple):
    """A request that is open. ``is_new``: it was not before."""

    url: str
    is_new: bool


class _Done(NamedTuple):
    status: int
    out: str
    err: str


def remote(repo: Repo, branch: str) -> Remote | None:
    """The remote that a branch is, or would be, pushed to: its own, else origin, else the only one."""
    names = os.fsdecode(git(repo, "remote")).splitlines()
    keys = (f"branch.{branch}.pushRemote", "remote.pushDefault", f"branch.{branch}.remote")
    wanted = [os.fsdecode(git(repo, "config", "--get", key, check=False)).strip() for key in keys]
    found = [each for each in (*wanted, "origin", *(names if len(names) == 1 else ())) if each in names]
    if not found:
        return None
    addresses = [git(repo, "remote", "get-url", *how, found[0], check=False) for how in (("--push",), ())]
    matches = [_HOST.match(os.fsdecode(each).strip()) for each in addresses]
    return Remote(found[0], next(((each[1] or each[2]).lower() for each in matches if each), ""))


def program(host: str, wanted: str | None = None) -> str:
    """Which program opens requests at a host; ``wanted``: the one that was asked for.

    Raises WrkqError ``refused`` where there is none.
    """
    fitting = [each for each, name in _NAMES.items() if name in host] or [*PROGRAMS]
    chosen = [wanted] if wanted else fitting
    there = [each for each in chosen if shutil.which(each)]
    if not there:
        words = " or ".join(f"{each} ({_WHERE_FROM[each]})" for each in chosen)
        hint = f"install {words}; or paste what `wrkq bundle request` prints"
        raise WrkqError("refused", f"there is no `{'` or `'.join(chosen)}` on the PATH to open it with", hint=hint)
    if len(there) > 1:
        message = f"nobody knows what `{host or 'a remote that is a folder'}` is: both gh and glab are here"
        raise WrkqError("usage", message, hint="--via gh, or --via glab")
    return there[0]


def push(repo: Repo, remote: str, branch: str) -> None:
    """``git push -u``, with the repository's own hooks. Raises WrkqError ``git`` with git's words."""
    done = _run(repo, ["git", "push", "--quiet", "-u", remote, f"refs/heads/{branch}:refs/heads/{branch}"])
    if done.status:
        hint = "git fetch, then wrkq bundle sync; or push it yourself" if "rejected" in done.err else ""
        raise _failed("git push", done, hint)


def request(repo: Repo, via: str, branch: str, base: str, title: str | None, body: str, fallback: str) -> Opened:
    """Opens a request for a branch, or updates the one that is open.

    ``title``: the one that was asked for; without it a new request is called ``fallback``, and one that is open keeps
    what it is called. Raises WrkqError ``refused`` with the program's own words.
    """
    known = _known(repo, via, branch)
    if known is None:
        return Opened(_create(repo, via, branch, base, title or fallback, body), is_new=True)
    number, url = known
    _update(repo, via, number, title, body)
    return Opened(url, is_new=False)


def _known(repo: Repo, via: str, branch: str) -> tuple[str, str] | None:
    """Number and address of the request that is open for a branch."""
    if via == GH:
        words = [GH, "pr", "list", "--head", branch, "--state", "open", "--json", "number,url", "--limit", "1"]
    else:
        words = [GLAB, "mr", "list", "--source-branch", branch, "--output", "json"]
    done = _run(repo, words)
    if done.status:
        raise _failed(" ".join(words[:3]), done)
    found = _json(done.out)
    first: Any = found[0] if isinstance(found, list) and found else None
    if not isinstance(first, dict):
        return None
    number, url = (first.get("number"), first.get("url")) if via == GH else (first.get("iid"), first.get("web_url"))
    return (str(number), str(url or "")) if number else None


def _create(repo: Repo, via: str, branch: str, base: str, title: str, body: str) -> str:
    if via == GH:
        words = [GH, "pr", "create", "--head", branch, "--base", base, f"--title={title}", "--body-file", "-"]
        done = _run(repo, words, body)
    else:
        words = [GLAB, "mr", "create", "--source-branch", branch, "--target-branch", base, "--yes"]
        done = _run(repo, [*words, f"--title={title}", f"--description={body}"])
    if done.status:
        raise _failed(" ".join(words[:3]), done)
    addresses = re.findall(r"https?://\S+", done.out) or re.findall(r"https?://\S+", done.err)
    return addresses[-1] if addresses else done.out.strip()


def _update(repo: Repo, via: str, number: str, title: str | None, body: str) -> None:
    named = [f"--title={title}"] if title else []
    if via == GH:
        words = [GH, "pr", "edit", number, *named, "--body-file", "-"]
        done = _run(repo, words, body)
    else:
        words = [GLAB, "mr", "update", number, "--yes", *named]
        done = _run(repo, [*words, f"--description={body}"])
    if done.status:
        raise _failed(" ".join(words[:3]), done)


def _json(text: str) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError:
        return None


def _run(repo: Repo, words: Sequence[str], text: str = "") -> _Done:
    import subprocess

    quiet = {"GH_PROMPT_DISABLED": "1", "NO_PROMPT": "1", "NO_COLOR": "1", "GH_NO_UPDATE_NOTIFIER": "1"}
    try:
        done = subprocess.run(
            [*words],
            cwd=repo.top,
            env={**os.environ, **quiet},
            input=text.encode("utf-8", "replace"),
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise WrkqError("refused", f"{words[0]} cannot be started: {error.strerror}") from error
    return _Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def _failed(what: str, done: _Done, hint: str = "") -> WrkqError:
    lines = [each.strip() for each in (done.err or done.out).splitlines() if each.strip()]
    message = f"{what}: {' / '.join(lines[:6]) or f'ended with status {done.status}'}"
    return WrkqError("refused", message, hint=hint, details={"status": done.status, "stderr": done.err[:4000]})
