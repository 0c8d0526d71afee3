"""A tracker with two tasks on main, and edits on branches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.support.sandbox import Sandbox

LOGIN, KEYS = "T-4K9X2M7Q", "T-8W2D5H0C"
TEXTS = {
    "portal/login.md": f"---\ntitle: Login UX\nid: {LOGIN}\nstate: open\n---\n\nText.\n",
    "portal/keys.md": f"---\ntitle: Rotate keys\nid: {KEYS}\n---\n\nText.\n",
}


def shop(path: Path) -> Sandbox:
    """The tracker, all of it on main."""
    box = Sandbox(path, options=("-b", "main"))
    for name, text in TEXTS.items():
        box.write(name, text)
    box.commit_all()
    return box


def on(box: Sandbox, branch: str, act: Callable[[], object]) -> None:
    """Do something on a branch, made where it is missing, commit it all, and go back."""
    before = box.repo.git("rev-parse", "--abbrev-ref", "HEAD")
    is_there = box.repo.run("rev-parse", "-q", "--verify", f"refs/heads/{branch}").returncode == 0
    box.repo.git("checkout", "-q", *([] if is_there else ["-b"]), branch)
    act()
    box.repo.git("add", "-A")
    box.repo.git("commit", "-q", "--allow-empty", "-m", f"on {branch}")
    box.repo.git("checkout", "-q", before)


def state(box: Sandbox, name: str, word: str) -> Callable[[], None]:
    """An edit by hand of a task's state."""

    def act() -> None:
        lines = [line for line in box.text(f"portal/{name}.md").split("\n") if not line.startswith("state:")]
        box.write(f"portal/{name}.md", "\n".join([*lines[:2], f"state: {word}", *lines[2:]]))

    return act
