"""``make demo``: the sample tracker in a git repository of its own, and a short tour through it.

Every command is printed as it would be typed, with its real output. The tour ends with an error where a command does
not do what the text says.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
PROJECT = "agent-pm"
FEATURE = "agent-pm/sync"
TASK = "agent-pm/sync/lease-model"
#: Longer outputs are cut here, and say so.
MOST_LINES = 48


class TourError(Exception):
    """A step did not do what the tour says."""


@dataclass
class Tour:
    repository: Path
    env: dict[str, str]
    steps: int = 0

    def tell(self, text: str) -> None:
        self.steps += 1
        print(f"\n{self.steps}. {text}\n")

    def run(self, line: str, *expected: str, status: int = 0) -> str:
        """Runs a command line; each of ``expected`` is a pattern its output must show. Returns the output."""
        print(f"$ {line}", flush=True)
        words = shlex.split(line)
        try:
            done = subprocess.run(
                words,
                cwd=self.repository,
                env=self.env,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
            )
        except FileNotFoundError:
            raise TourError(f"there is no command {words[0]!r}") from None
        print(_cut(done.stdout), flush=True)
        if done.returncode != status:
            raise TourError(f"`{line}` exited {done.returncode}, not {status}")
        for pattern in expected:
            if not re.search(pattern, done.stdout, re.MULTILINE):
                raise TourError(f"`{line}` does not show {pattern!r}")
        return done.stdout

    def file(self, address: str) -> Path:
        return self.repository / "wrkq" / f"{address}.md"

    def commits(self) -> int:
        count = self.quiet("git", "rev-list", "--count", "HEAD")
        return int(count)

    def quiet(self, *words: str) -> str:
        done = subprocess.run(
            words, cwd=self.repository, env=self.env, check=False, capture_output=True, encoding="utf-8"
        )
        if done.returncode:
            raise TourError(f"{shlex.join(words)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout.strip()


def _cut(text: str) -> str:
    lines = text.rstrip("\n").split("\n")
    if len(lines) > MOST_LINES + 1:
        lines[MOST_LINES:] = [f"... {len(lines) - MOST_LINES} more lines"]
    return "\n".join("  " + line if line else "" for line in lines)


def start() -> Tour:
    """The sample as a new repository with one commit."""
    folder = Path(tempfile.mkdtemp(prefix="wrkq-demo-")).resolve()
    repository = folder / "agent-pm"
    shutil.copytree(TOP / "sample-repo", repository, ignore=shutil.ignore_patterns(".git"))
    env = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "WRKQ_"))}
    env |= {
        "PATH": f"{PROGRAMS}{os.pathsep}{env.get('PATH', os.defpath)}",
        "GIT_PAGER": "cat",
        "NO_COLOR": "1",
        "WRKQ_ACTOR": "robin",
    }
    tour = Tour(repository, env)
    tour.quiet("git", "init", "--quiet", "--initial-branch=main")
    for key, value in (("user.name", "Robin"), ("user.email", "robin@example.com")):
        if subprocess.run(
            ["git", "config", key], cwd=repository, env=env, capture_output=True, check=False
        ).returncode:
            tour.quiet("git", "config", "--local", key, value)
    # Whatever the user's own configuration asks of commits (a passphrase, a hook) is not for a demonstration.
    tour.quiet("git", "config", "--local", "commit.gpgsign", "false")
    tour.quiet("git", "config", "--local", "core.hooksPath", ".git/hooks")
    tour.quiet("git", "add", "--all")
    tour.quiet("git", "commit", "--quiet", "--message", "The plan of Agent PM")
    return tour


def look(tour: Tour) -> None:
    tour.tell("A tracker is a folder of Markdown files. The whole of it:")
    tour.run("wrkq tree", re.escape(PROJECT), r"inbox", r"lease-model")
    tour.tell("One folder, the way `ls` shows it:")
    tour.run(f"wrkq ls {FEATURE}", r"lease-model")
    tour.tell("What somebody is working on right now:")
    running = [path for path in (tour.repository / "wrkq").rglob("*.md") if _state(path) == "in_progress"]
    tour.run("wrkq find --state in_progress", *(re.escape(path.stem) for path in running))
    tour.tell("Everything that speaks of leases:")
    tour.run("wrkq search lease", re.escape(TASK))
    tour.tell("One task: it is just its file.")
    shown = tour.run(f"wrkq cat {TASK}", r"^title: ", r"^## Acceptance criteria")
    if shown != tour.file(TASK).read_text(encoding="utf-8"):
        raise TourError("`wrkq cat` shows something else than the file")


def _state(path: Path) -> str:
    match = re.search(r"^state: (\S+)$", path.read_text(encoding="utf-8").partition("\n---\n")[0], re.MULTILINE)
    return match[1] if match else "open"


def change(tour: Tour) -> None:
    before = tour.commits()
    tour.tell("A new task. This repository holds only the tracker, so every change is a commit at once:")
    tour.run('wrkq add "Lease renewal survives a suspended laptop"', r"T-[0-9A-Z]{8}")
    found = list((tour.repository / "wrkq").rglob("lease-renewal-survives-a-suspended-laptop.md"))
    if len(found) != 1 or tour.commits() != before + 1:
        raise TourError("`wrkq add` did not make one file and one commit")
    tour.run(f"cat {found[0].relative_to(tour.repository)}", r"^title: Lease renewal survives", r"^id: T-")
    tour.tell("One field of another. The commit holds that line and nothing else:")
    tour.run(f"wrkq set {TASK} --priority 2")
    shown = tour.run("git show HEAD", r"^\+priority: 2$", r"^    Wrkq-Actor: robin$", r"^    Wrkq-Op: ")
    changed = [line for line in shown.splitlines() if re.match(r"[-+](?![-+])", line)]
    if changed != ["-priority: 1", "+priority: 2"]:
        raise TourError(f"the commit changes more than one line: {changed}")


def plan(tour: Tour) -> None:
    tour.tell("A planner looks at features in their columns:")
    tour.run("wrkq board", r"^Ready 2$", rf"^ +{re.escape(FEATURE)} +")
    tour.tell("Another column, and a feature put at its top. The order by hand is one line of one file:")
    tour.run(f"wrkq section add {PROJECT} next --role ready --place before:doing")
    tour.run(f"wrkq section set {FEATURE} next --rank top", r"section next")
    tour.run("wrkq board", r"^Next 1$")
    tour.tell("What waits for a task, and what finishing it would free:")
    tour.run(f"wrkq graph {TASK} --reverse", r"frees")


def branches(tour: Tour) -> None:
    tour.tell("What to do next, and why this:")
    tour.run("wrkq next --explain", r"^T-", r"urgency")
    other = f"{FEATURE}/offline-sync"
    tour.tell("Changes to be reviewed first are a branch, a bundle, that nobody has to check out:")
    tour.run("wrkq bundle start plan", r"wrkq/plan")
    tour.run(f'wrkq --bundle plan set {other} --title "Sync without a network" --priority 1')
    tour.tell("Meanwhile somebody changes the same task on main:")
    tour.run(f"wrkq set {other} --add-label network --state open")
    tour.run("wrkq bundle show plan", r"Sync without a network", r"priority")
    tour.tell("The two are merged field by field, and land together:")
    tour.run("wrkqadm bundle apply plan", r"merged in")
    tour.run(f"wrkq cat {other}", r"^title: Sync without a network$", r"^priority: 1$", r"^  - network$")


def mistake(tour: Tour) -> None:
    path = tour.file(TASK)
    good = path.read_text(encoding="utf-8")
    bad = re.sub(r"^title: .*$", "title: Leases: who may edit a task", good, count=1, flags=re.MULTILINE)
    path.write_text(bad, encoding="utf-8", newline="\n")
    tour.tell("Files are edited by hand, and hands slip. This title has a `: ` and no quotes:")
    tour.run(f"head -n 3 {path.relative_to(tour.repository)}", r"^title: Leases: who")
    tour.tell("A check says where, and what to do:")
    tour.run("wrkq check", r"agent-pm/sync/lease-model\.md:2:\d+", status=1)
    tour.tell("The title in quotes, and all is well:")
    mended = bad.replace("title: Leases: who may edit a task", 'title: "Leases: who may edit a task"')
    path.write_text(mended, encoding="utf-8", newline="\n")
    tour.run("git diff --unified=0", r'^\+title: "Leases: who may edit a task"$')
    tour.run("wrkq check")


def farewell(tour: Tour) -> None:
    tour.tell("What happened so far is the history of the repository:")
    tour.run("git log --oneline", r"The plan of Agent PM")
    print(f"\nmake demo: all {tour.steps} steps did what they say. The repository stays, to look around in:\n")
    print(f"    cd {tour.repository}\n    export PATH={PROGRAMS}:$PATH WRKQ_ACTOR=robin\n    wrkq --help")


def main() -> int:
    tour = start()
    print(f"The sample tracker, copied to a new git repository: {tour.repository}")
    try:
        for part in (look, change, plan, branches, mistake, farewell):
            part(tour)
    except TourError as error:
        print(f"\nmake demo: FAILED at step {tour.steps}: {error}", file=sys.stderr)
        print(f"The repository: {tour.repository}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
