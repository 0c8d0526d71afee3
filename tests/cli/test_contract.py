"""The machine contract, on every command."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.support import Result, run
from tests.support.repos import TestRepo
from wrkq_files.cli import registry
from wrkq_files.errors import EXIT_STATUS

ARRAY, OBJECT = list, dict
TASK = "portal/auth/login-ux"


@dataclass(frozen=True)
class Case:
    """A call that succeeds and what its JSON is; ``wrong``: the words of one that does not, with its code."""

    words: str
    shape: type
    wrong: str = ""
    code: str = "not_found"
    stdin: str = ""


CASES = {
    "wrkq add": Case("add New thing", OBJECT, "add New --into nowhere"),
    "wrkq touch": Case("touch portal/new portal/newer", ARRAY, "touch nowhere/new"),
    "wrkq mkdir": Case("mkdir portal/more", ARRAY, "mkdir nowhere/more"),
    "wrkq ls": Case("ls portal", ARRAY, "ls nowhere"),
    "wrkq tree": Case("tree portal", ARRAY, "tree nowhere"),
    "wrkq find": Case("find --state open", ARRAY, "find --state opne", "usage"),
    "wrkq search": Case("search button", ARRAY, "search ' '", "usage"),
    "wrkq cat": Case(f"cat {TASK}", ARRAY, "cat nowhere"),
    "wrkq stat": Case(f"stat {TASK}", ARRAY, "stat nowhere"),
    "wrkq next": Case("next", OBJECT, "next --for nobody"),
    "wrkq queue": Case("queue", ARRAY, "queue --feature nowhere"),
    "wrkq graph": Case("graph portal/rotate-keys --reverse", OBJECT, "graph nowhere"),
    "wrkq duplicates": Case("duplicates --min-score 0", ARRAY, "duplicates nowhere"),
    "wrkq groom": Case("groom", ARRAY, "groom nowhere"),
    "wrkq why": Case(f"why {TASK}", OBJECT, "why nowhere"),
    "wrkq retry": Case(f"retry {TASK}", OBJECT, "retry nowhere"),
    "wrkq start": Case(f"start {TASK}", ARRAY, "start nowhere"),
    "wrkq done": Case("done portal/rotate-keys", ARRAY, f"done {TASK}", "invalid_state"),
    "wrkq block": Case(f"block {TASK} --reason waiting", ARRAY, f"block {TASK}", "usage"),
    "wrkq cancel": Case(f"cancel {TASK}", ARRAY, "cancel portal", "usage"),
    "wrkq reopen": Case("reopen portal/auth/old", ARRAY, f"reopen {TASK}", "invalid_state"),
    "wrkq review ls": Case("review ls", ARRAY, "review ls --for nobody"),
    "wrkq review pass": Case("review pass portal/checked", ARRAY, f"review pass {TASK}", "invalid_state"),
    "wrkq review fail": Case("review fail portal/checked -m no", ARRAY, "review fail portal/checked", "usage"),
    "wrkq board": Case("board portal", ARRAY, "board nowhere"),
    "wrkq roadmap": Case("roadmap", ARRAY, "roadmap nowhere"),
    "wrkq tidy": Case("tidy", ARRAY, "tidy nowhere"),
    "wrkq section ls": Case("section ls portal", ARRAY, "section ls nowhere"),
    "wrkq section set": Case("section set portal/auth doing", ARRAY, "section set portal/auth nix", "validation"),
    "wrkq section add": Case(
        "section add portal qa --role review", OBJECT, "section add portal done --role done", "exists"
    ),
    "wrkq section edit": Case(
        "section edit portal done --title Shipped", OBJECT, "section edit portal nix --title X"
    ),
    "wrkq section mv": Case("section mv portal done top", OBJECT, "section mv portal done up", "usage"),
    "wrkq section rm": Case("section rm portal done", OBJECT, "section rm portal nix"),
    "wrkq set": Case(f"set {TASK} --priority 2", ARRAY, f"set {TASK} --priority 9", "validation"),
    "wrkq edit": Case(f"edit {TASK}", OBJECT, "edit nowhere"),
    "wrkq apply": Case(f"apply {TASK} - --format json", OBJECT, "apply nowhere/x -", stdin='{"priority": 1}'),
    "wrkq tick": Case(f"tick {TASK} 1", OBJECT, f"tick {TASK} 9"),
    "wrkq untick": Case(f"untick {TASK} fold", OBJECT, f"untick {TASK} e", "ambiguous"),
    "wrkq mv": Case("mv portal/rotate-keys portal/auth", ARRAY, "mv nowhere portal"),
    "wrkq batch": Case("batch -", ARRAY, "batch none", stdin='{"op": "add", "title": "New"}'),
    "wrkq rm": Case("rm portal/rotate-keys", ARRAY, "rm portal", "refused"),
    "wrkq restore": Case("restore portal/auth/old", ARRAY, "restore nowhere"),
    "wrkq relate": Case(
        "relate portal/auth/old relates-to portal", OBJECT, "relate portal/auth/old likes portal", "usage"
    ),
    "wrkq unrelate": Case(
        f"unrelate portal/rotate-keys blocks {TASK}", OBJECT, f"unrelate {TASK} blocks portal/auth/old"
    ),
    "wrkq comment add": Case(f"comment add {TASK} Yes", OBJECT, f"comment add {TASK} Yes -k shout", "validation"),
    "wrkq comment ls": Case(f"comment ls {TASK}", ARRAY, "comment ls nowhere"),
    "wrkq comment cat": Case("comment cat COMMENT", ARRAY, "comment cat C-00000000"),
    "wrkq comment rm": Case("comment rm COMMENT", ARRAY, "comment rm C-00000000"),
    "wrkq attach put": Case(f"attach put {TASK} shot.txt --name b.txt", OBJECT, f"attach put {TASK} none.txt"),
    "wrkq attach ls": Case(f"attach ls {TASK}", ARRAY, "attach ls nowhere"),
    "wrkq attach get": Case(f"attach get {TASK} shot.txt -o copy.txt", OBJECT, f"attach get {TASK} none"),
    "wrkq attach rm": Case(f"attach rm {TASK} shot.txt", OBJECT, f"attach rm {TASK} none"),
    "wrkq log": Case(f"log {TASK}", ARRAY, "log nowhere"),
    "wrkq diff": Case("diff HEAD~1", ARRAY, "diff nowhere"),
    "wrkq blame": Case(f"blame {TASK}", ARRAY, "blame nowhere"),
    "wrkq undo": Case("undo", OBJECT, "undo nothing"),
    "wrkq feedback": Case("feedback portal/auth/old --quality 4", OBJECT, "feedback portal/auth/old", "usage"),
    "wrkq stats": Case("stats portal --since 2025-01-01 --until 2025-12-31", OBJECT, "stats nowhere"),
    "wrkq standup": Case("standup", OBJECT, "standup --actor nobody"),
    "wrkq news": Case("news", ARRAY, "news --as nobody"),
    "wrkq watch": Case(f"watch {TASK} --until state=open", OBJECT, "watch nowhere"),
    "wrkq bundle start": Case("bundle start more", OBJECT, "bundle start plan", "exists"),
    "wrkq bundle ls": Case("bundle ls", ARRAY, "bundle ls --sort nothing", "usage"),
    "wrkq bundle show": Case("bundle show plan", OBJECT, "bundle show nowhere"),
    "wrkq bundle diff": Case("bundle diff plan", ARRAY, "bundle diff nowhere"),
    "wrkq bundle switch": Case("bundle switch plan", OBJECT, "bundle switch nowhere"),
    "wrkq bundle check": Case("bundle check plan", OBJECT, "bundle check nowhere"),
    "wrkq bundle sync": Case("bundle sync plan", OBJECT, "bundle sync nowhere"),
    "wrkq bundle request": Case("bundle request plan", OBJECT, "bundle request nowhere"),
    "wrkq bundle take": Case("bundle take plan", OBJECT, "bundle take plan --as nobody --root portal", "no_tracker"),
    "wrkq bundle drop": Case("bundle drop plan --force", OBJECT, "bundle drop nowhere"),
    "wrkq sync": Case("sync", OBJECT, "sync --remote nowhere"),
    "wrkq check": Case("check", ARRAY, "check nowhere"),
    "wrkq fmt": Case("fmt", ARRAY, "fmt nowhere"),
    "wrkq commit": Case("commit", OBJECT, "commit --limit 3", "usage"),
    "wrkq doctor": Case("doctor", ARRAY, "doctor --sort nothing", "usage"),
    "wrkq status": Case("status", OBJECT, "status --root portal", "no_tracker"),
    "wrkq conflicts": Case("conflicts", ARRAY, "conflicts --sort nothing", "usage"),
    "wrkq resolve": Case("resolve inbox/odd --ours", OBJECT, "resolve nowhere --ours"),
    "wrkq merge-driver": Case("merge-driver copy copy copy 7 x.md", OBJECT, "merge-driver a b c 7 x.md", "io"),
    "wrkq whoami": Case("whoami", OBJECT, "whoami --as nobody"),
    "wrkq hooks install": Case("hooks install", OBJECT, "hooks install twice", "usage"),
    "wrkq hooks uninstall": Case("hooks uninstall", OBJECT, "hooks uninstall all", "usage"),
    "wrkq hooks status": Case("hooks status", ARRAY, "hooks status --sort nothing", "usage"),
    "wrkq hook": Case("hook post-merge", OBJECT, "hook post-nothing", "usage"),
    "wrkq version": Case("version", OBJECT, "version extra", "usage"),
    "wrkq completion": Case("completion bash", OBJECT, "completion csh", "usage"),
    "wrkqadm init": Case("init", OBJECT, "init wrkq/inner", "refused"),
    "wrkqadm import markdown": Case(
        "import markdown backlog.md --into old", OBJECT, "import markdown none.md --into x"
    ),
    "wrkqadm actor add": Case("actor add agent-two --role agent", OBJECT, "actor add agent-codex", "exists"),
    "wrkqadm actor ls": Case("actor ls", ARRAY, "actor ls --fields nothing", "usage"),
    "wrkqadm actor set": Case("actor set agent-codex --duty executor", OBJECT, "actor set nobody --role agent"),
    "wrkqadm config doctor": Case("config doctor", ARRAY, "config doctor --sort nothing", "usage"),
    "wrkqadm config set": Case(
        "config set rules.missing-id off", OBJECT, "config set commit.mode never", "validation"
    ),
    "wrkqadm compact": Case("compact --before 3000-01-01 --apply", OBJECT, "compact --before never", "usage"),
    "wrkqadm migrate": Case("migrate", OBJECT, "migrate now", "usage"),
    "wrkqadm diagnostics": Case("diagnostics out.zip", OBJECT, "diagnostics none/out.zip"),
    "wrkqadm bundle apply": Case("bundle apply plan", OBJECT, "bundle apply nowhere"),
    "wrkqadm index status": Case("index status", OBJECT, "index status now", "usage"),
    "wrkqadm index rebuild": Case("index rebuild", OBJECT, "index rebuild --hard", "usage"),
    "wrkqadm version": Case("version", OBJECT, "version extra", "usage"),
    "wrkqadm completion": Case("completion fish", OBJECT, "completion csh", "usage"),
}
#: A file that a merge has left, for the commands about these alone.
ODD = "---\n<<<<<<< ours\ntitle: Odd\n=======\ntitle: Even\n>>>>>>> theirs\n---\n"
TABLE = {f"{program} {command.name}": command for program, table in registry.COMMANDS.items() for command in table}


def call(site: Path, name: str, words: str, *more: str, stdin: str = "") -> Result:
    program = name.partition(" ")[0]
    if "COMMENT" in words:
        words = words.replace("COMMENT", run("comment", "ls", TASK, "-1", cwd=site).out.strip())
    (site / "backlog.md").write_text("# Old\n\n## Part\n\n### Thing\n\nText.\n")
    prepare(site, name)
    (site / "copy").write_text("text\n")
    editor = f"{shlex.quote('sed')} -i s/sign-in/login/"
    return run(*shlex.split(words), *more, cwd=site, program=program, stdin=stdin, env={"EDITOR": editor})


def prepare(site: Path, name: str) -> None:
    if {"bundle", "sync"} & {*name.split()}:
        propose(site)
    checked = site / "wrkq/portal/checked.md"
    if name.startswith("wrkq review") and checked.parent.is_dir() and not checked.exists():
        checked.write_text("---\ntitle: Checked\nid: T-00000001\nstate: in_review\n---\n")
        TestRepo(site).git("add", "wrkq/portal/checked.md")
        TestRepo(site).git("commit", "-q", "-m", "in review")
    if name in ("wrkq conflicts", "wrkq resolve"):
        (site / "wrkq/inbox/odd.md").write_text(ODD)


def propose(site: Path) -> None:
    """A bundle that adds a task, and a remote."""
    repo = TestRepo(site)
    if "wrkq/plan" not in repo.git("branch", "--format=%(refname:short)").split():
        repo.git("branch", "wrkq/plan")
        assert run("--bundle", "plan", "add", "Proposed", cwd=site).exit == 0
        TestRepo.init(site.parent / "hub.git", "--bare")
        repo.git("remote", "add", "origin", str(site.parent / "hub.git"))


def test_every_command_has_a_case() -> None:
    assert set(CASES) == set(TABLE)


@pytest.mark.parametrize("name", CASES)
def test_json_is_one_value_of_its_shape(site: Path, name: str) -> None:
    case = CASES[name]
    done = call(site, name, case.words, "--json", stdin=case.stdin)
    assert done.exit == 0, done.err
    assert isinstance(done.json, case.shape)
    assert all(set(json.loads(line)) == {"meta"} for line in done.err.splitlines())


@pytest.mark.parametrize("name", CASES)
def test_words_for_people_have_no_control_characters(site: Path, name: str) -> None:
    case = CASES[name]
    done = call(site, name, case.words, stdin=case.stdin)
    assert done.exit == 0, done.err
    assert "\x1b" not in done.out + done.err, "colour belongs on terminals"


@pytest.mark.parametrize("name", CASES)
def test_a_refusal_is_one_object_with_its_exit_status(site: Path, name: str) -> None:
    case = CASES[name]
    done = call(site, name, case.wrong, "--json", stdin="{}")
    error = done.told("error")
    assert (error["code"], done.exit) == (case.code, EXIT_STATUS[case.code]), error
    assert set(error) == {"code", "message", "hint", "details"}
    assert error["message"]
    assert done.out == ""


@pytest.mark.parametrize("name", CASES)
def test_a_refusal_in_words_names_the_program(site: Path, name: str) -> None:
    case = CASES[name]
    done = call(site, name, case.wrong, stdin="{}")
    assert done.exit == EXIT_STATUS[case.code]
    assert any(line.startswith(f"{name.partition(' ')[0]}: ") for line in done.err.splitlines())
    assert done.out == ""


WRITES = [
    name for name, command in TABLE.items() if set(command.takes) & {"write", "create", "commit", "init", "batch"}
]


@pytest.mark.parametrize("name", WRITES)
def test_a_dry_run_writes_nothing(site: Path, name: str) -> None:
    case = CASES[name]
    (site / "backlog.md").write_text("")
    prepare(site, name)
    before = {path: path.read_bytes() for path in (site / "wrkq").rglob("*") if path.is_file()}
    done = call(site, name, case.words, "--dry-run", stdin=case.stdin)
    assert done.exit == 0, done.err
    assert {path: path.read_bytes() for path in (site / "wrkq").rglob("*") if path.is_file()} == before


#: What reads something else than documents, or of this moment only: git, this worktree, the program, the settings.
ELSEWHERE = {
    *("wrkq news", "wrkq watch"),
    *(
        "wrkq diff",
        "wrkq check",
        "wrkq doctor",
        "wrkq status",
        "wrkq whoami",
        "wrkq hook",
        "wrkq version",
        "wrkq completion",
    ),
    *("wrkq conflicts", "wrkq resolve", "wrkq merge-driver"),
    *("wrkq hooks install", "wrkq hooks uninstall", "wrkq hooks status"),
    *("wrkqadm config doctor", "wrkqadm diagnostics", "wrkqadm index status", "wrkqadm index rebuild"),
    *("wrkqadm version", "wrkqadm completion"),
    # Of branches: each names its own.
    *(name for name in TABLE if {"bundle", "sync"} & {*name.split()}),
}
READS = [name for name in TABLE if name not in {*WRITES, *ELSEWHERE}]


#: What another moment changes: how well a document fits depends on whether comments were looked at before (what fits
#: does not), a standup says until when, and urgency grows with age.
_OF_THE_MOMENT = {"relevance", "until", "urgency", "terms"}


def without_moment(answer: list[dict[str, object]] | dict[str, object]) -> object:
    if isinstance(answer, list):
        return [without_moment(row) for row in answer]
    return {name: value for name, value in answer.items() if name not in _OF_THE_MOMENT}


@pytest.mark.parametrize("name", READS)
def test_what_only_reads_documents_reads_the_past_too(site: Path, name: str) -> None:
    case = CASES[name]
    repo = TestRepo(site)
    done = call(site, name, case.words, "--json")
    then = repo.head
    repo.git("rm", "-q", "-r", "wrkq")
    repo.git("commit", "-q", "-m", "all is gone")
    (site / "copy.txt").unlink(missing_ok=True)
    words = case.words.replace("COMMENT", done.json[0]["id"] if "COMMENT" in case.words else "")
    was = call(site, name, words, "--json", "--at", then)
    assert was.exit == 0, was.err
    assert without_moment(was.json) == without_moment(done.json)
    assert was.told("meta")["as_of"] == then


@pytest.mark.parametrize("name", TABLE)
def test_nothing_else_does(name: str) -> None:
    assert (registry.AT in TABLE[name].takes) == (name in READS)


LISTS = [name for name, command in TABLE.items() if registry.ROWS in command.takes]


@pytest.mark.parametrize("name", LISTS)
def test_lists_come_in_every_form(site: Path, name: str) -> None:
    words = CASES[name].words
    rows = call(site, name, words, "--json").json
    ndjson = call(site, name, words, "--ndjson")
    assert [json.loads(line) for line in ndjson.out.splitlines()] == rows
    if not rows:
        return
    head, *lines = call(site, name, words, "--tsv").out.splitlines()
    assert len(lines) == len(rows)
    assert set(rows[0]) <= set(head.split("\t"))
    bare = call(site, name, words, "-1").out.splitlines()
    assert bare
    assert len(bare) == len(rows)
    assert call(site, name, words, "-0").out.split("\0") == [*bare, ""]
    assert call(site, name, words, "--limit", "1", "--json").json == rows[:1]


@pytest.mark.parametrize("name", LISTS)
def test_lists_take_fields(site: Path, name: str) -> None:
    words = CASES[name].words
    rows = call(site, name, words, "--json").json
    if rows:
        first = next(iter(rows[0]))
        only = call(site, name, words, "--json", "--fields", first).json
        assert only == [{first: row[first]} for row in rows]
    done = call(site, name, words, "--json", "--fields", "no_such")
    assert done.told("error")["code"] == "usage"
