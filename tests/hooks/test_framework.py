"""With the pre-commit framework, the real one: its generated hook beside ours, and our hooks run by it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.repos import TestRepo
from tests.support.sandbox import Sandbox
from wrkq_files.service import hooks

TOP = Path(__file__).parents[2]
PROGRAM = next(filter(Path.exists, [Path(sys.executable).parent / "pre-commit"]), None) or shutil.which("pre-commit")
OFFERED: list[dict[str, Any]] = yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text())
GOOD, BAD = "---\ntitle: Good\n---\n", "---\ntitle: Bad\nstate: nowhere\n---\n"


@pytest.fixture
def framework(tmp_path: Path, real: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Runs the framework in a folder: its exit status, and what it says."""
    if PROGRAM is None:
        pytest.skip("the package pre-commit is not installed")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "framework"))
    monkeypatch.setenv("PRE_COMMIT_COLOR", "never")

    def call(cwd: Path, *words: str) -> tuple[int, str]:
        done = subprocess.run([str(PROGRAM), *words], cwd=cwd, capture_output=True, check=False)
        return done.returncode, os.fsdecode(done.stdout + done.stderr)

    return call


def local(hook: dict[str, Any], **more: Any) -> str:
    """A configuration that runs a hook with what is on PATH: no environment has to be built."""
    return yaml.safe_dump({"repos": [{"repo": "local", "hooks": [{**hook, "language": "system", **more}]}]})


def test_what_is_offered() -> None:
    assert [(each["id"], each["entry"]) for each in OFFERED] == [
        ("wrkq-check", "wrkq check --staged"),
        ("wrkq-fix", "wrkq check --fix --staged"),
    ]
    for each in OFFERED:
        assert (each["language"], each["pass_filenames"], each["require_serial"]) == ("python", False, True)
        assert (each["files"], each["stages"]) == (r"\.md$|wrkq\.yaml$", ["pre-commit"])


def test_the_framework_takes_it(framework: Callable[..., tuple[int, str]]) -> None:
    assert framework(TOP, "validate-manifest", ".pre-commit-hooks.yaml") == (0, "")


def test_its_own_hook_goes_on_after_ours(
    box: Sandbox, framework: Callable[..., tuple[int, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    monkeypatch.setenv("LOG", str(log))
    theirs = {"id": "theirs", "name": "theirs", "entry": "sh -c 'echo theirs >>\"$LOG\"'", "always_run": True}
    box.repo.commit({".pre-commit-config.yaml": local(theirs, pass_filenames=False)})
    assert framework(box.repo.path, "install")[0] == 0
    place = box.repo.git_dir / "hooks/pre-commit"
    generated = place.read_bytes()
    assert generated.startswith(b"#!")
    done = hooks.install(box.door)
    assert {hook.name: hook.state for hook in done.hooks}["pre-commit"] == "chained"
    box.repo.commit({"wrkq/inbox/good.md": GOOD})
    assert log.read_text() == "theirs\n"
    hooks.uninstall(box.door)
    assert place.read_bytes() == generated


# Our hook, run by it: good and bad, however the commit is made


@pytest.fixture
def checked(box: Sandbox, framework: Callable[..., tuple[int, str]]) -> Sandbox:
    """The framework checks each commit; there is a good document, committed."""
    box.repo.commit({".pre-commit-config.yaml": local(OFFERED[0]), "wrkq/inbox/note.md": GOOD})
    assert framework(box.repo.path, "install")[0] == 0
    return box


def commits(repo: TestRepo, *words: str, input: bytes | None = None) -> bool:
    """Whether git makes the commit; what stops it must be our finding and nothing else."""
    head = repo.head
    done = repo.run("commit", "-m", "change", *words, input=input)
    said = os.fsdecode(done.stdout + done.stderr)
    assert bool(done.returncode) == (repo.head == head)
    assert not done.returncode or "unknown-state" in said, said
    return done.returncode == 0


def test_run(checked: Sandbox, framework: Callable[..., tuple[int, str]]) -> None:
    checked.write("inbox/new.md", GOOD)
    checked.repo.git("add", "-A")
    status, said = framework(checked.repo.path, "run")
    assert (status, "Passed" in said) == (0, True), said
    checked.write("inbox/new.md", BAD)
    assert framework(checked.repo.path, "run")[0] == 0, "what is staged is good"
    checked.repo.git("add", "-A")
    status, said = framework(checked.repo.path, "run")
    assert (status, "unknown-state" in said) == (1, True), said


def test_commit(checked: Sandbox) -> None:
    checked.write("inbox/new.md", BAD)
    checked.repo.git("add", "-A")
    assert not commits(checked.repo)
    checked.write("inbox/new.md", GOOD)
    assert not commits(checked.repo), "what is staged is bad"
    checked.repo.git("add", "-A")
    assert commits(checked.repo)


def test_commit_all(checked: Sandbox) -> None:
    checked.write("inbox/note.md", BAD)
    assert not commits(checked.repo, "-a")
    checked.write("inbox/note.md", GOOD + "\nMore.\n")
    assert commits(checked.repo, "-a")


def test_commit_of_one_path(checked: Sandbox) -> None:
    """Whatever else is staged is not in this commit."""
    checked.write("inbox/new.md", BAD)
    checked.repo.git("add", "-A")
    checked.write("inbox/note.md", GOOD + "\nMore.\n")
    assert commits(checked.repo, "wrkq/inbox/note.md")
    checked.write("inbox/note.md", BAD)
    assert not commits(checked.repo, "wrkq/inbox/note.md")


def test_commit_of_one_hunk(checked: Sandbox) -> None:
    text = GOOD + "".join(f"\nLine {number}.\n" for number in range(20))
    checked.write("inbox/note.md", text)
    assert commits(checked.repo, "-a")
    mixed = text.replace("title: Good", "title: Good\nstate: nowhere").replace("Line 19.", "Line 19 is new.")
    checked.write("inbox/note.md", mixed)
    assert not commits(checked.repo, "-p", input=b"y\nn\n")
    checked.repo.git("reset", "-q")
    assert commits(checked.repo, "-p", input=b"n\ny\n")
    assert b"state: nowhere" not in (checked.repo.show("HEAD:wrkq/inbox/note.md") or b"")
    assert checked.text("inbox/note.md") == mixed


def test_fix(box: Sandbox, framework: Callable[..., tuple[int, str]]) -> None:
    """What can be mended is, and the commit stops once, as the framework does for every hook that edits."""
    box.repo.commit({".pre-commit-config.yaml": local(OFFERED[1])})
    assert framework(box.repo.path, "install")[0] == 0
    box.write("inbox/new.md", GOOD)
    box.repo.git("add", "-A")
    box.repo.run("commit", "-m", "change")
    box.repo.git("add", "-A")
    box.repo.git("commit", "-m", "change")
    assert b"id: T-" in (box.repo.show("HEAD:wrkq/inbox/new.md") or b"")


# As people use it: the framework clones the repository and builds an environment


@pytest.mark.slow
def test_from_a_clone(box: Sandbox, framework: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    offered = snapshot(tmp_path / "clone")
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(tmp_path / "pip"), "hatchling"]
    if subprocess.run(pip, capture_output=True, check=False).returncode:
        pytest.skip("pip reaches no index, so that the framework can build no environment")
    config = {"repos": [{"repo": str(offered.path), "rev": offered.head, "hooks": [{"id": "wrkq-check"}]}]}
    box.repo.commit({".pre-commit-config.yaml": yaml.safe_dump(config)})
    status, said = framework(box.repo.path, "install", "--install-hooks")
    assert status == 0, said
    box.write("inbox/new.md", BAD)
    box.repo.git("add", "-A")
    assert not commits(box.repo)
    box.write("inbox/new.md", GOOD)
    box.repo.git("add", "-A")
    assert commits(box.repo)


def snapshot(place: Path) -> TestRepo:
    """This checkout as it is now, as a repository to clone."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=TOP, capture_output=True, check=False
    )
    if names.returncode:
        pytest.skip("this is no git checkout")
    found = [name for name in os.fsdecode(names.stdout).split("\0") if name and (TOP / name).is_file()]
    needed = [name for name in found if not name.startswith(("tests/", "bench/", "sample-repo/"))]
    return TestRepo.init(place, files={name: (TOP / name).read_bytes() for name in needed})
