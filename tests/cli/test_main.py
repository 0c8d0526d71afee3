"""From words to an exit status: places, errors, streams."""

from __future__ import annotations

import errno
import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from tests.cli.support import run
from wrkq_files import __version__
from wrkq_files.cli import main
from wrkq_files.cli.commands import listing
from wrkq_files.cli.screen import Screen
from wrkq_files.errors import WrkqError

TASK = "portal/auth/login-ux"


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("stauts", "there is no command `stauts`", "did you mean `wrkq stats`, `wrkq status`"),
        ("comment adn", "there is no command `comment adn`", "did you mean `wrkq comment add`?"),
        ("init", "there is no command `init`", "did you mean `wrkqadm init`?"),
        ("zzz", "there is no command `zzz`", "wrkq --help"),
        ("", "missing command", "wrkq --help"),
        ("comment", "missing command", "wrkq comment --help"),
        ("set T-1 --stat open", "no option --stat of `wrkq set`", "did you mean --state"),
        ("add -urgent", "no option -u", "put -- before a word that begins with -"),
        ("relate a", "missing argument", "wrkq relate --help"),
        ("ls --limit many", "many", "wrkq ls --help"),
        ("ls -1 --tsv", "--tsv and -1 are two forms of one answer", "choose one"),
    ],
)
def test_usage(site: Path, words: str, message: str, hint: str) -> None:
    done = run(*words.split(), cwd=site)
    first, second = done.err.splitlines()
    assert (done.exit, done.out) == (2, "")
    assert message in first
    assert hint in second


def test_usage_in_json() -> None:
    done = run("version", "--json", "--jsno")
    assert done.exit == 2
    assert done.told("error")["code"] == "usage"


def test_words_after_two_dashes_are_no_options(site: Path) -> None:
    done = run("add", "--", "--json is not an option here", cwd=site)
    assert done.exit == 0
    assert done.out.startswith("T-")


def test_a_refusal_after_two_dashes_is_in_words(repo: Path) -> None:
    assert run("cat", "--", "--json", cwd=repo).err.startswith("wrkq: no tracker in")


def test_aliases(site: Path) -> None:
    assert run("show", TASK, cwd=site).out == run("cat", TASK, cwd=site).out
    assert run("list", "portal", cwd=site).out == run("ls", "portal", cwd=site).out
    assert run("new", "Thing", cwd=site).exit == 0
    assert run("create", "portal/thing", cwd=site).exit == 0
    assert "open -> completed" in run("close", "portal/rotate-keys", cwd=site).out


@pytest.mark.parametrize(
    "words",
    [
        ("-C", "repo", "ls", "portal"),
        ("ls", "portal", "-C", "repo"),
        ("-C", "repo", "ls", "-C", "wrkq", "portal"),
        ("--root", "repo/wrkq", "ls", "portal"),
        ("ls", "--root", "repo/wrkq", "portal"),
    ],
)
def test_places_before_and_after_the_command(site: Path, words: tuple[str, ...]) -> None:
    done = run(*words, "--json", cwd=site.parent)
    assert done.exit == 0, done.err
    assert [row["path"] for row in done.json] == ["portal/auth", "portal/rotate-keys"]


def test_the_environment_names_root_and_actor(site: Path) -> None:
    env = {"WRKQ_ROOT": "repo/wrkq", "WRKQ_ACTOR": "agent-codex"}
    assert run("whoami", "--json", cwd=site.parent, env=env).json["actor"] == "agent-codex"
    assert run("whoami", "--as", "robin", "--json", cwd=site.parent, env=env).json["actor"] == "robin"


def test_a_folder_that_is_none() -> None:
    done = run("-C", "/nowhere", "ls")
    assert (done.exit, done.err.splitlines()[0]) == (3, "wrkq: -C /nowhere: there is no folder /nowhere")


def test_git_dir_is_honoured(site: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (site / ".git").rename(elsewhere)
    assert run("ls", cwd=site).exit == 1
    done = run("ls", "portal", "-1", cwd=site, env={"GIT_DIR": str(elsewhere), "GIT_WORK_TREE": str(site)})
    assert done.lines == ["portal/auth", "portal/rotate-keys"]


def test_an_agent_that_signs_as_a_person_is_told_once(site: Path) -> None:
    agent = {"CLAUDECODE": "1"}
    done = run("set", TASK, "--priority", "2", cwd=site, env=agent)
    assert done.err.count("an agent seems to run this") == 1
    assert "agent seems" not in run("set", TASK, "--priority", "1", "--as", "agent-codex", cwd=site, env=agent).err
    assert "agent seems" not in run("ls", cwd=site, env=agent).err
    warned = run("set", TASK, "--priority", "4", "--json", cwd=site, env=agent)
    assert warned.told("meta")["warnings"]


def test_colour_is_for_terminals_that_want_it(site: Path) -> None:
    words = ("ls", "portal/auth")
    assert "\x1b[31mblocked\x1b[0m" in run(*words, cwd=site, terminal=True).out
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in run(*words, cwd=site, terminal=True, env=env).out
    assert "\x1b" in run(*words, cwd=site, terminal=True, env={"NO_COLOR": ""}).out


def test_nothing_of_a_document_drives_the_terminal(site: Path) -> None:
    place = site / "wrkq/portal/evil.md"
    place.write_text("---\ntitle: gpj\u202eexe\n---\n\nbody \x1b[2J\x9b31m\u202e\r\nend\n", newline="")
    (site / "wrkq/portal/worse.md").write_text("---\ntitle: \x1b[2J\n---\n")
    for words in (("ls", "portal"), ("cat", "portal/evil"), ("stat", "portal/evil"), ("tree",), ("search", "body")):
        done = run(*words, cwd=site, terminal=True, env={"NO_COLOR": "1"})
        assert done.exit == 0, done.err
        assert not set(done.out + done.err) & set("\x1b\x07\x9b\r\u202e"), words
    assert run("cat", "portal/evil", cwd=site).raw == place.read_bytes(), "a pipe gets the file as it is"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lists_fit_the_terminal(site: Path, width: int) -> None:
    for words in (
        ("ls", "-l", "portal/auth"),
        ("tree",),
        ("search", "button"),
        ("find", "-a", "--fields", "id,title,path"),
    ):
        done = run(*words, cwd=site, terminal=True, width=width, env={"NO_COLOR": "1"})
        assert max(map(len, done.lines)) <= width, words


def test_a_pipe_is_never_cut(site: Path) -> None:
    assert "portal/auth/login-ux-google" in run("ls", "portal/auth", cwd=site, width=30).out


def test_interrupted() -> None:
    with mock.patch.object(main, "_invoke", side_effect=KeyboardInterrupt):
        assert run("version").exit == 130


def test_a_full_disk_is_no_bug() -> None:
    with mock.patch.object(main, "_invoke", side_effect=OSError(28, "No space left on device", "/x/y")):
        done = run("version")
    assert (done.exit, done.err) == (1, "wrkq: /x/y: No space left on device\n")


def test_a_bug_gives_a_report_to_paste() -> None:
    with mock.patch.object(main, "_invoke", side_effect=ZeroDivisionError("oops")):
        done = run("version", "a b")
    assert done.exit == 70
    assert "this is a bug" in done.err
    assert "arguments: 'version' 'a b'" in done.err
    assert "ZeroDivisionError: oops" in done.err


def test_a_bug_in_json() -> None:
    with mock.patch.object(main, "_invoke", side_effect=ZeroDivisionError("oops")):
        done = run("version", "--json")
    assert (done.exit, done.told("error")["code"]) == (70, "bug")


def test_what_is_known_about_the_answer_survives_a_refusal() -> None:
    def refuse(group: object, request: main.Request, words: object) -> int:
        request.out.note("worth knowing")
        raise WrkqError("refused", "no", hint="do better")

    with mock.patch.object(main, "_invoke", side_effect=refuse):
        assert run("version").err == "worth knowing\nwrkq: no\n  hint: do better\n"


def test_unreadable_files_are_named_by_every_listing(site: Path) -> None:
    broken = site / "wrkq/portal/auth/broken.md"
    broken.write_text("---\ntitle: a: b\n---\n")
    for words in (("ls", "portal/auth"), ("tree",), ("find",), ("search", "button"), ("ls", "-R")):
        done = run(*words, cwd=site)
        assert done.exit == 0
        assert "wrkq: warning: wrkq/portal/auth/broken.md:2:" in done.err, words
    [told] = run("find", "--json", cwd=site / "wrkq/portal").told("meta")["unreadable"]
    assert (told["path"], told["line"], told["rule"]) == ("auth/broken.md", 2, "yaml-syntax")


def test_hidden_ones_are_counted(site: Path) -> None:
    done = run("ls", "portal/auth", cwd=site)
    assert done.err == "1 closed hidden; -a shows it\n"
    assert run("ls", "portal/auth", "--json", cwd=site).told("meta") == {"hidden": {"closed": 1}}
    assert run("ls", "-a", "portal/auth", cwd=site).err == ""


def test_the_programs_are_installed_under_their_names() -> None:
    for name in ("wrkq", "wrkqadm"):
        child = process("--version", program=name)
        out, err = child.communicate()
        assert (child.returncode, out.decode(), err) == (0, f"wrkq-files {__version__}\n", b"")
        child = process("nonsense", program=name)
        out, err = child.communicate()
        assert (child.returncode, out) == (2, b"")
        assert err.startswith(f"{name}: there is no command".encode())


def process(*words: str, cwd: Path | None = None, program: str = "wrkq") -> subprocess.Popen[bytes]:
    code = f"from wrkq_files.cli.program import {program}; {program}()"
    top = Path(__file__).parent.parent.parent
    env = {**os.environ, "PYTHONPATH": str(top)}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", code, *words], cwd=cwd, env=env, stdout=pipe, stderr=pipe)


def test_a_reader_that_leaves_is_no_error(site: Path) -> None:
    for number in range(60):
        (site / f"wrkq/portal/t{number}.md").write_text(f"---\ntitle: {'long ' * 400}\n---\n")
    child = process("find", "--json", cwd=site)
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.read(10)
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait() == 0


def test_start_imports_only_what_is_needed() -> None:
    """The start-up time of every command hangs on this."""
    code = (
        "import sys, json\nfrom wrkq_files.cli.main import run\nrun('wrkq', sys.argv[1:])\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    for words in (["version"], ["--help"], ["version", "--help"], ["nonsense"]):
        done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, check=True)
        loaded = set(json.loads(done.stderr.splitlines()[-1]))
        heavy = {"yaml", "ruamel", "sqlite3", "pygit2", "rich", "jsonschema", "pydantic", "frontmatter", "asyncio"}
        assert not loaded & heavy, words
        rooms = {name for name in loaded if name.startswith("wrkq_files.")}
        assert not {name for name in rooms if name.split(".")[1] not in ("cli", "errors")}, words
        assert not {f"wrkq_files.cli.commands.{each}" for each in ("listing", "changing")} & loaded


def test_help_of_a_program_imports_no_command() -> None:
    with mock.patch.dict(sys.modules, {"wrkq_files.cli.commands.listing": None}):
        assert run("--help").exit == 0
        assert run("--help-all").exit == 0
    assert listing.ls


def test_ids_are_found_across_the_trackers_of_a_repository(site: Path) -> None:
    assert run("init", "tools/plan", cwd=site, program="wrkqadm").exit == 0
    made = run("add", "Sharpen the saw", "--no-commit", "--json", cwd=site / "tools/plan").json["id"]
    assert "title: Sharpen the saw" in run("cat", made, cwd=site).out
    assert run("set", made, "--priority", "1", "--no-commit", cwd=site).exit == 0
    assert "priority: 1" in (site / "tools/plan/inbox/sharpen-the-saw.md").read_text()
    # What was named is said: a tracker that is named is the one that is meant.
    refused = run("cat", made, "--root", "wrkq", cwd=site)
    assert (refused.exit, "--root tools/plan" in refused.err) == (3, True)
    mixed = run("cat", made, TASK, cwd=site)
    assert (mixed.exit, mixed.out) == (3, "")
    # A reference into the other tracker does not dangle, and is nothing to take out.
    place = site / "wrkq" / f"{TASK}.md"
    place.write_text(place.read_text().replace("---\n", f"---\nrelates_to: [{made}]\n", 1))
    assert "dangling-reference" not in run("check", cwd=site).out


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("version >&-", 0),
        ("ls portal >&-", 0),
        ("ls portal 2>&-", 0),
        ("nonsense 2>&-", 2),
        ("ls portal >/dev/full", 1),
        ("cat - <&-", 2),
    ],
)
def test_streams_that_are_closed_or_full(site: Path, line: str, status: int) -> None:
    code = "from wrkq_files.cli.program import wrkq; wrkq()"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    shell = f"{shlex.quote(sys.executable)} -c {shlex.quote(code)} {line}"
    done = subprocess.run(shell, shell=True, cwd=site, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr


class Full(io.StringIO):
    """Where nothing more can be written."""

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_words_come_through_where_data_does_not() -> None:
    err = io.StringIO()
    screen = Screen(Full(), err, False, False, False, False, 80)
    screen.say("the disk is full")
    assert err.getvalue() == "the disk is full\n"
