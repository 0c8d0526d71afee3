"""Installing beside whatever is there: both run, ours first; and taking ours out leaves no trace."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import mounts
from tests.support.repos import TestRepo
from tests.support.sandbox import Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import hooks, hooktexts
from wrkq_files.service.tracker import Door

TASK = "---\ntitle: Task\n---\n"
THEIRS = '#!/bin/sh\n# theirs\necho "theirs $*" >>"$CALLS"\n'
PYTHON = (
    f'#!{sys.executable}\nimport os, sys\nopen(os.environ["CALLS"], "a").write("theirs " + " ".join(sys.argv[1:]))\n'
)
LEFTHOOK_LIKE = """\
#!/bin/sh

if [ "$MANAGER_VERBOSE" = "1" ]; then
  set -x
fi

call_manager()
{
  dir="$(git rev-parse --show-toplevel)"
  if test -n "$MANAGER_BIN"
  then
    "$MANAGER_BIN" "$@"
  else
    echo "theirs $dir $*" | sed "s|$dir|top|" >>"$CALLS"
  fi
}

call_manager run "pre-commit" "$@"
"""
HUSKY_H = """\
#!/usr/bin/env sh
# Runs the file of the same name one folder up, where there is one.
name=$(basename -- "$0")
file=$(dirname -- "$(dirname -- "$0")")/$name
[ -f "$file" ] || exit 0
sh -e "$file" "$@"
"""


def put(path: Path, text: str | bytes, mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def picture(folder: Path) -> dict[str, tuple[int, bytes | str]]:
    """Every file below with its mode and bytes, or where it leads."""
    return {
        os.fspath(path.relative_to(folder)): (
            stat.S_IMODE(path.lstat().st_mode),
            os.fspath(path.readlink()) if path.is_symlink() else path.read_bytes(),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def states(box: Sandbox) -> dict[str, str]:
    return {hook.name: hook.state for hook in hooks.status(box.door)[1]}


def commit_task(box: Sandbox, *, fails: bool = False) -> None:
    """A commit with a tracker file in it."""
    box.write("inbox/new.md", TASK + f"{len(box.repo.log('--all'))}\n")
    box.repo.git("add", "-A")
    assert bool(box.repo.run("commit", "-q", "-m", "task").returncode) == fails


@pytest.fixture
def folder(box: Sandbox) -> Path:
    return box.repo.git_dir / "hooks"


# Nothing there


def test_where_there_is_nothing(box: Sandbox, folder: Path, calls: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    assert set(states(box).values()) == {"missing"}
    done = hooks.install(box.door)
    assert (done.changed, done.left, done.notes) == ([*hooktexts.CLIENT], [], ())
    assert set(states(box).values()) == {"installed"}
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == dict.fromkeys(
        hooktexts.CLIENT, 0o755
    )
    assert (folder / "pre-commit").read_bytes().startswith(b"#!/bin/sh\n# wrkq hooks ")
    before = picture(folder)
    assert hooks.install(box.door).changed == []
    assert picture(folder) == before
    commit_task(box)
    assert calls.read_text() == "wrkq hook pre-commit --\n"
    assert len(hooks.uninstall(box.door).changed) == len(hooktexts.CLIENT)
    assert picture(folder) == {}
    assert hooks.uninstall(box.door).changed == []


def test_a_dry_run_changes_nothing_and_shows_all(box: Sandbox, folder: Path) -> None:
    put(folder / "pre-push", THEIRS)
    put(folder / "commit-msg", PYTHON)
    before = picture(box.repo.git_dir)
    diff = hooks.install(box.door, dry_run=True).diff
    assert picture(box.repo.git_dir) == before
    assert "+++ b/.git/hooks/pre-commit" in diff
    assert " # theirs" in diff
    assert "rename to .git/hooks/commit-msg.before-wrkq" in diff
    hooks.install(box.door)
    before = picture(box.repo.git_dir)
    assert "+++ /dev/null" in hooks.uninstall(box.door, dry_run=True).diff
    assert picture(box.repo.git_dir) == before


# Scripts


@pytest.mark.parametrize("text", [THEIRS, THEIRS.replace("/bin/sh", "/usr/bin/env bash"), LEFTHOOK_LIKE])
def test_a_script_goes_on_after_ours(
    box: Sandbox, folder: Path, calls: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    hook = put(folder / "pre-commit", text, 0o750)
    hooks.install(box.door)
    once = picture(folder)
    assert states(box)["pre-commit"] == "chained"
    assert hook.read_text().splitlines()[1] == "# >>> wrkq >>>"
    assert hook.stat().st_mode & 0o777 == 0o750
    hooks.install(box.door)
    assert picture(folder) == once
    commit_task(box)
    ours, theirs = calls.read_text().splitlines()
    assert ours == "wrkq hook pre-commit --"
    assert theirs.startswith("theirs")
    box.repo.commit({"code.py": "2\n"})
    assert calls.read_text().splitlines()[2:] == [theirs], "ours had nothing to do, theirs goes on"
    monkeypatch.setenv("FAKE_EXIT", "3")
    commit_task(box, fails=True)
    assert calls.read_text().splitlines()[3:] == [ours]
    hooks.uninstall(box.door)
    assert hook.read_text() == text


def test_what_is_pushed_is_told_to_both(box: Sandbox, folder: Path, calls: Path, tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    box.repo.git("init", "-q", "--bare", str(remote))
    put(folder / "pre-push", THEIRS + 'sed "s/^/  theirs: /" >>"$CALLS"\n')
    hooks.install(box.door)
    box.repo.git("branch", "a$HOME`x`", "main")
    box.repo.git("push", "-q", str(remote), "main", "a$HOME`x`")
    head, zero = box.repo.head, "0" * 40
    rows = [f"{ref} {head} {ref} {zero}" for ref in ("refs/heads/main", "refs/heads/a$HOME`x`")]
    lines = calls.read_text().splitlines()
    assert sorted(line for line in lines if "ours:" in line) == sorted(f"  ours: {row}" for row in rows)
    assert sorted(line for line in lines if "theirs:" in line) == sorted(f"  theirs: {row}" for row in rows)
    assert [line for line in lines if ":" not in line.partition(" ")[0] and not line.startswith(" ")] == [
        f"wrkq hook pre-push -- {remote} {remote}",
        f"theirs {remote} {remote}",
    ]
    calls.write_text("")
    box.repo.git("push", "-q", str(remote), "main")
    assert [line for line in calls.read_text().splitlines() if line.startswith(" ")] == [], "nothing is no line"


@pytest.mark.parametrize("how", ["python", "link", "not executable", "no shebang", "archive"])
def test_what_is_no_script_makes_room_and_runs_after_ours(
    box: Sandbox, folder: Path, calls: Path, tmp_path: Path, how: str
) -> None:
    hook = folder / "pre-commit"
    if how == "link":
        hook.symlink_to(put(tmp_path / "elsewhere", THEIRS))
    else:
        text = {"python": PYTHON, "archive": THEIRS.encode() + b"exit\n\0\1\2"}.get(how, THEIRS)
        put(
            hook,
            THEIRS.removeprefix("#!/bin/sh\n") if how == "no shebang" else text,
            0o755 - 0o111 * (how[:3] == "not"),
        )
    before = picture(folder)
    hooks.install(box.door)
    assert states(box)["pre-commit"] == "chained"
    assert (folder / "pre-commit.before-wrkq").is_symlink() == (how == "link")
    hooks.install(box.door)
    commit_task(box)
    assert len(calls.read_text().splitlines()) == (1 if how == "not executable" else 2)
    assert calls.read_text().startswith("wrkq hook pre-commit --\n")
    hooks.uninstall(box.door)
    assert picture(folder) == before


@pytest.mark.parametrize("first", ["#!/bin/sh -eu", "#!/bin/bash -eu", "#!/bin/dash", "#!/usr/bin/env -S bash -e"])
def test_pushes_under_strict_shells(
    box: Sandbox, folder: Path, calls: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """A script that stops at any failure or unset name goes on after ours, and stops when ours says so."""
    if not shutil.which(first.split("/")[-1].split()[0]):
        pytest.skip(f"there is no {first}")
    put(folder / "pre-push", f'{first}\nread -r local rest\necho "theirs $local" >>"$CALLS"\n')
    hooks.install(box.door)
    box.repo.git("push", "-q", str(box.repo.git_dir), "main:copy")
    assert [line.split()[0] for line in calls.read_text().splitlines()] == ["wrkq", "ours:", "theirs"]
    monkeypatch.setenv("FAKE_EXIT", "1")
    assert box.repo.run("push", "-q", str(box.repo.git_dir), "main:other").returncode == 1
    assert calls.read_text().count("theirs") == 1


def test_its_exit_status_and_input_are_the_old_hook_s(
    box: Sandbox, folder: Path, calls: Path, tmp_path: Path
) -> None:
    text = PYTHON + 'open(os.environ["CALLS"], "a").write(sys.stdin.read())\nsys.exit("nothing leaves the house")\n'
    put(folder / "pre-push", text)
    hooks.install(box.door)
    done = box.repo.run("push", "-q", str(box.repo.git_dir), "main:copy")
    assert done.returncode == 1
    assert b"nothing leaves the house" in done.stderr
    assert calls.read_text().count(f"refs/heads/main {box.repo.head} refs/heads/copy") == 2


# What people did to them


def test_an_edit_is_left_and_reported(box: Sandbox, folder: Path) -> None:
    put(folder / "pre-push", THEIRS)
    hooks.install(box.door)
    for name in ("pre-commit", "pre-push"):
        path = folder / name
        path.write_text(path.read_text().replace("command -v wrkq", "command -v my-wrkq"))
    before = picture(folder)
    assert [states(box)[name] for name in ("pre-commit", "pre-push", "commit-msg")] == [
        "edited",
        "edited",
        "installed",
    ]
    assert [name for name, _ in hooks.install(box.door).left] == ["pre-commit", "pre-push"]
    assert picture(folder) == before
    done = hooks.uninstall(box.door)
    assert [name for name, _ in done.left] == ["pre-commit", "pre-push"]
    assert {name: before[name] for name in ("pre-commit", "pre-push")} == {
        name: row for name, row in picture(folder).items() if not name.endswith(".sample")
    }


def test_an_edit_around_the_block_is_kept(box: Sandbox, folder: Path) -> None:
    hook = put(folder / "pre-commit", THEIRS)
    hooks.install(box.door)
    hook.write_text(hook.read_text().replace("# theirs", "# theirs, and more") + "true\n")
    assert states(box)["pre-commit"] == "chained"
    hooks.uninstall(box.door)
    assert hook.read_text() == THEIRS.replace("# theirs", "# theirs, and more") + "true\n"


def test_an_older_version_of_ours_is_replaced(
    box: Sandbox, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder / "pre-push", THEIRS)
    put(folder / "commit-msg", PYTHON)
    hooks.install(box.door)
    new = shutil.copytree(hooktexts.folder(), tmp_path / "shims")
    for path in new.iterdir():
        path.write_text(path.read_text() + "# a later version\n")
    hooktexts._body.cache_clear()
    monkeypatch.setattr(hooktexts, "folder", lambda: new)
    try:
        assert set(states(box).values()) == {"outdated"}
        assert len(hooks.install(box.door).changed) == len(hooktexts.CLIENT)
        assert sorted(states(box).values()) == ["chained"] * 2 + ["installed"] * 5
        assert "# a later version" in (folder / "pre-push").read_text()
        assert (folder / "commit-msg.before-wrkq").read_text() == PYTHON
        hooks.uninstall(box.door)
        assert (folder / "pre-push").read_text() == THEIRS
    finally:
        hooktexts._body.cache_clear()


def test_turned_off(box: Sandbox, folder: Path) -> None:
    put(folder / "pre-push", THEIRS)
    hooks.install(box.door)
    for name in ("pre-commit", "pre-push"):
        (folder / name).chmod(0o644)
    assert [states(box)[name] for name in ("pre-commit", "pre-push")] == ["disabled", "disabled"]
    done = hooks.install(box.door)
    assert (done.changed, [name for name, _ in done.left]) == (["pre-commit"], ["pre-push"]), (
        "theirs is theirs to turn on"
    )
    assert states(box)["pre-commit"] == "installed"


def test_somebody_took_the_name(box: Sandbox, folder: Path) -> None:
    put(folder / "pre-commit", PYTHON)
    put(folder / "pre-commit.before-wrkq", "precious\n")
    before = picture(folder)
    done = hooks.install(box.door)
    assert [name for name, _ in done.left] == ["pre-commit"]
    assert {name: picture(folder)[name] for name in before} == before


# Where git looks


@pytest.mark.parametrize("inside", ["relative", "absolute", "~"])
def test_hooks_path(box: Sandbox, calls: Path, home: Path, inside: str) -> None:
    named = {"relative": "tools/hooks", "absolute": str(box.repo.path / "tools/hooks"), "~": "~/hooks"}[inside]
    box.repo.git("config", "core.hooksPath", named)
    box.cwd = box.root
    if inside == "~":
        with pytest.raises(WrkqError, match="outside") as caught:
            hooks.install(box.door)
        assert caught.value.code == "refused"
        assert not (home / "hooks").exists()
    done = hooks.install(box.door, shared=inside == "~")
    assert done.folder == (home / "hooks" if inside == "~" else box.repo.path / "tools/hooks")
    assert len(done.notes) == (inside != "~")
    commit_task(box)
    assert calls.read_text() == "wrkq hook pre-commit --\n"


def test_hooks_turned_off_altogether(box: Sandbox) -> None:
    box.repo.git("config", "core.hooksPath", "/dev/null")
    with pytest.raises(WrkqError, match="turns all hooks off"):
        hooks.status(box.door)


@pytest.mark.parametrize("named", ["", "tools/hooks", "absolute"])
def test_a_linked_worktree(box: Sandbox, calls: Path, tmp_path: Path, named: str) -> None:
    """Its hooks are the repository's; with a relative folder, its own; the main worktree's are not elsewhere."""
    main = box.repo.path / "tools/hooks"
    if named:
        box.repo.git("config", "core.hooksPath", str(main) if named == "absolute" else named)
    linked = TestRepo(tmp_path / "linked")
    box.repo.git("worktree", "add", "-q", str(linked.path), "-b", "side")
    box.cwd = linked.path
    done = hooks.install(box.door)
    wanted = {"": box.repo.git_dir / "hooks", "tools/hooks": linked.path / "tools/hooks", "absolute": main}
    assert done.folder == wanted[named]
    linked.commit({"wrkq/inbox/new.md": TASK})
    assert calls.read_text().splitlines()[0] == "wrkq hook pre-commit --"


def test_git_dir(box: Sandbox, calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(box.repo.git_dir))
    monkeypatch.setenv("GIT_WORK_TREE", str(box.repo.path))
    box.cwd = tmp_path
    door: Door = box.door._replace(ask_git=True)
    assert hooks.install(door).folder == box.repo.path / ".git/hooks"


def test_husky(box: Sandbox, calls: Path) -> None:
    """git runs the files of its ``_``, which run those beside it with ``sh -e``: these are tracked."""
    put(box.repo.path / ".husky/_/h", HUSKY_H)
    put(box.repo.path / ".husky/_/.gitignore", "*", 0o644)
    for name in hooktexts.CLIENT:
        put(box.repo.path / ".husky/_" / name, '#!/usr/bin/env sh\n. "$(dirname -- "$0")/h"\n')
    put(box.repo.path / ".husky/pre-commit", 'echo "theirs" >>"$CALLS"\n', 0o644)
    put(box.repo.path / ".husky/commit-msg", "", 0o644)
    box.repo.git("config", "core.hooksPath", ".husky/_")
    box.commit_all()
    calls.write_text("")
    before = picture(box.repo.path / ".husky")
    done = hooks.install(box.door)
    assert done.folder == box.repo.path / ".husky"
    assert "commit it" in done.notes[0]
    assert set(states(box).values()) == {"installed", "chained"}
    commit_task(box)
    assert calls.read_text().splitlines() == ["wrkq hook pre-commit --", "theirs"]
    assert not hooks.install(box.door).changed
    hooks.uninstall(box.door)
    assert picture(box.repo.path / ".husky") == before


def test_a_folder_that_cannot_be_written(box: Sandbox, folder: Path) -> None:
    shutil.rmtree(folder)
    with mounts.small(folder, "1m"):
        put(folder / "pre-commit", PYTHON)
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        with pytest.raises(WrkqError) as caught:
            hooks.install(box.door)
        assert (caught.value.code, bool(caught.value.hint)) == ("io", True)
        assert [*picture(folder)] == ["pre-commit"]
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


def test_a_full_disk_brings_the_old_hook_back(box: Sandbox, folder: Path) -> None:
    shutil.rmtree(folder)
    with mounts.small(folder, "16k"):
        put(folder / "pre-commit", PYTHON)
        with pytest.raises(OSError, match="space"):
            (folder / "filler").write_bytes(b"x" * 100_000)
        before = picture(folder)
        with pytest.raises(WrkqError) as caught:
            hooks.install(box.door)
        assert caught.value.code == "io"
        assert picture(folder) == before


# The law

SHEBANGS = [
    "#!/bin/sh",
    "#!/bin/sh -e",
    "#! /usr/bin/env -S bash -eu",
    "#!/bin/zsh",
    "#!/usr/bin/python3",
    "#!",
    "",
    "true",
]
BODIES = st.lists(
    st.sampled_from([b"", b"exit 0", b"# >>> wrkq >>>", b"# <<< wrkq <<<", b"\xff\xfe", b"cat <<X\nX", b"\0", b" \t"])
    | st.binary(max_size=12),
    max_size=5,
)


@st.composite
def scripts(draw: st.DrawFn) -> bytes:
    end = draw(st.sampled_from([b"\n", b"\n", b"\r\n"]))
    text = end.join([draw(st.sampled_from(SHEBANGS)).encode(), *draw(BODIES)])
    return text + draw(st.sampled_from([b"", end]))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> TestRepo:
    return TestRepo.init(tmp_path_factory.mktemp("law") / "repo")


@given(
    name=st.sampled_from(hooktexts.CLIENT),
    text=scripts(),
    mode=st.sampled_from([0o755, 0o700, 0o644, 0o111 | 0o444]),
    husky=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_uninstall_undoes_install_byte_for_byte(
    bench: TestRepo, name: str, text: bytes, mode: int, husky: bool
) -> None:
    place = bench.path / ".husky" if husky else bench.path / "own"
    shutil.rmtree(place, ignore_errors=True)
    put(place / name, text, mode)
    (bench.path / ".git/config").write_text(
        f"[core]\n\trepositoryformatversion = 0\n\thooksPath = {'.husky/_' if husky else 'own'}\n"
    )
    door = Door(cwd=bench.path, now=lambda: None, random_bits=lambda count: 0)  # type: ignore[arg-type, return-value]
    before = picture(place)
    hooks.install(door)
    once = picture(place)
    hooks.install(door)
    assert picture(place) == once
    hooks.uninstall(door)
    assert picture(place) == before
