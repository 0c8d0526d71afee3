"""``wrkq doctor``, ``wrkqadm migrate`` and ``diagnostics`` as they are typed; formats that are not ours."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from tests.cli.support import adm, run
from tests.cli.test_contract import CASES, call, prepare
from tests.support.repos import TestRepo
from wrkq_files.model.events import TYPES
from wrkq_files.model.fields import STATES, DocType
from wrkq_files.model.rules import RULES
from wrkq_files.service import doctor

SAMPLE = Path(__file__).parents[2] / "sample-repo" / "wrkq"
#: Commands that read no tracker, or that are there for one whose format is another.
ANY_FORMAT = {
    "wrkq version",
    "wrkq completion",
    "wrkq doctor",
    "wrkq hook",
    "wrkq merge-driver",
    "wrkq hooks install",
    "wrkq hooks uninstall",
    "wrkq hooks status",
    "wrkqadm version",
    "wrkqadm completion",
    "wrkqadm init",
    "wrkqadm migrate",
    "wrkqadm diagnostics",
}


def named(site: Path, number: int) -> None:
    place = site / "wrkq" / "wrkq.yaml"
    place.write_text(re.sub("format: .*", f"format: {number}", place.read_text()))


# --- doctor


def test_a_line_a_check_and_an_exit_that_tells(site: Path) -> None:
    done = run("doctor", cwd=site)
    assert (done.exit, len(done.lines)) == (0, len(doctor.CHECKS))
    assert done.err == "all is well\n"
    (site / "wrkq" / ".gitattributes").write_text("")
    done = run("doctor", cwd=site)
    assert done.exit == 0, "warnings are no failure"
    assert "         mend: wrkq doctor --fix" in done.lines
    assert done.err == "2 warnings; wrkq doctor --fix mends 1 of them\n"
    TestRepo(site).git("config", "commit.gpgsign", "true")
    TestRepo(site).git("config", "gpg.program", "no-such-program")
    done = run("doctor", "--json", cwd=site)
    assert done.exit == 1
    assert done.told("meta")["counts"] == {"error": 1, "warning": 2}
    rows = {row["name"]: row for row in done.json}
    assert rows["signing"]["status"] == "error"
    assert set(rows["git"]) == {"name", "status", "observed", "expected", "remedy", "fixable"}


def test_fix_says_what_it_did_and_shows_what_is_left(site: Path) -> None:
    attributes = site / "wrkq" / ".gitattributes"
    attributes.write_text("")
    dry = run("doctor", "--fix", "--dry-run", cwd=site)
    assert "attributes: would write the missing lines of .gitattributes" in dry.err
    assert "+*.md -text" in dry.err
    assert attributes.read_text() == ""
    done = run("doctor", "--fix", "--json", cwd=site)
    told = done.told("meta")["mended"]
    assert [each["name"] for each in told] == ["attributes"]
    assert {row["name"]: row["status"] for row in done.json}["attributes"] == "ok"
    assert "*.md -text" in attributes.read_text()
    assert run("doctor", "--fix", cwd=site).err == "all is well\n"


def test_a_dry_run_of_looking_is_refused(site: Path) -> None:
    assert run("doctor", "--dry-run", "--json", cwd=site).told("error")["code"] == "usage"


def test_doctor_outside(tmp_path: Path, repo: Path) -> None:
    assert run("doctor", "--json", cwd=repo).told("error")["code"] == "no_tracker"
    outside = tmp_path / "outside"
    outside.mkdir()
    assert run("doctor", "--json", cwd=outside).told("error")["code"] == "not_a_repository"


# --- formats


@pytest.mark.parametrize("name", [name for name in CASES if name not in ANY_FORMAT])
@pytest.mark.parametrize(("number", "hint"), [(2, "pip install --upgrade wrkq-files"), (0, "wrkqadm migrate")])
def test_every_command_refuses_another_format(site: Path, name: str, number: int, hint: str) -> None:
    named(site, number)
    prepare(site, name)
    before = {path: path.read_bytes() for path in (site / "wrkq").rglob("*") if path.is_file()}
    words = CASES[name].words.replace("COMMENT", "C-00000000")
    done = call(site, name, words, "--json", stdin="{}")
    error = done.told("error")
    assert (error["code"], error["details"]["format"], done.out) == ("format", number, "")
    assert error["message"].startswith(f"wrkq/wrkq.yaml is of format {number}")
    assert error["hint"].startswith(hint)
    assert {path: path.read_bytes() for path in (site / "wrkq").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("number", [0, 2])
def test_what_is_for_other_formats_works_with_them(site: Path, number: int) -> None:
    named(site, number)
    rows = {row["name"]: row for row in run("doctor", "--json", cwd=site).json}
    assert rows["format"]["status"] == "error"
    assert rows["format"]["remedy"] == ("wrkqadm migrate" if number == 0 else "pip install --upgrade wrkq-files")
    assert adm("diagnostics", "out.zip", cwd=site).exit == 0
    with zipfile.ZipFile(site / "out.zip") as report:
        assert json.loads(report.read("schema.json"))["format_of_the_files"] == number


def test_migrate_and_on_with_the_work(site: Path) -> None:
    named(site, 0)
    place = site / "wrkq" / "portal" / "rotate-keys.md"
    place.write_text(place.read_text().replace("title:", "status: done\ntitle:"))
    TestRepo(site).git("commit", "-qam", "old")
    dry = adm("migrate", "--dry-run", cwd=site)
    assert "-status: done\n+state: done\n" in dry.out
    done = adm("migrate", "--json", cwd=site)
    assert (done.exit, done.json["status"], done.json["from"], done.json["to"]) == (0, "committed", 0, 1)
    assert run("find", "--state", "completed", "-a", "-1", cwd=site).lines == [
        "portal/auth/old",
        "portal/rotate-keys",
    ]
    assert adm("migrate", cwd=site).out == "nothing to do: the files are of format 1  [unchanged]\n"


# --- diagnostics


@pytest.fixture
def sample(repo: Path) -> Path:
    shutil.copytree(SAMPLE, repo / "wrkq")
    TestRepo(repo).git("add", "-A")
    TestRepo(repo).git("commit", "-qm", "sample")
    return repo


def report(where: Path, *words: str) -> dict[str, str]:
    """The report's members, by name."""
    done = adm("diagnostics", "out.zip", "--force", *words, cwd=where)
    assert done.exit == 0, done.err
    with zipfile.ZipFile(where / "out.zip") as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[^\W\d]{3,}", text)}


def test_a_report_holds_no_word_of_the_tracker(sample: Path, tmp_path: Path) -> None:
    """Held against the report about a tracker that holds nothing: what is new is in no file's text or name."""
    (sample / "wrkq" / "inbox" / "broken-secret.md").write_text("---\ntitle: [hush\n---\n")
    (sample / "wrkq" / "wrkq.yaml").write_text(
        "format: 1\nbase: topsecret\nkinds: [hushkind]\nrules: {hushrule: off}\ncommit: {subject: 'hush {subject}'}\n"
    )
    TestRepo(sample).git("switch", "-qc", "secret-branch")
    TestRepo(sample).git("config", "user.name", "Hush Hush")
    empty = tmp_path / "empty"
    TestRepo.init(empty)
    assert adm("init", "--commit", cwd=empty).exit == 0
    ours = words("\n".join(report(empty).values()))
    ours |= words(" ".join([*STATES, *DocType, *RULES, *TYPES, "error", "another", "bool", "file", "wrkq"]))
    run("ls", cwd=sample)  # an index, as the other one has
    said = report(sample)
    theirs = set[str]()
    for place in [*(sample / "wrkq").rglob("*"), sample]:
        theirs |= words(place.name)
        theirs |= words(place.read_text("utf-8")) if place.is_file() else set()
    theirs |= words("secret-branch Hush robin example topsecret hushkind hushrule")
    assert len(theirs - ours) > 300, "the sample has words of its own"
    assert {name: found for name, text in said.items() if (found := words(text) & (theirs - ours))} == {}


def test_a_report_is_the_same_twice_and_says_what_there_is(sample: Path) -> None:
    first = report(sample)
    data = (sample / "out.zip").read_bytes()
    assert report(sample) == first
    assert (sample / "out.zip").read_bytes() == data
    with zipfile.ZipFile(sample / "out.zip") as packed:
        assert {member.date_time for member in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert list(first) == sorted(first)
    counts = json.loads(first["counts.json"])
    assert sum(counts["documents"]["task"].values()) > 10
    assert {row["name"] for row in json.loads(first["doctor.json"])} == {check.name for check in doctor.CHECKS}
    assert json.loads(first["git.json"])["branches"] == 1


def test_content_comes_when_it_is_asked_for(sample: Path) -> None:
    said = report(sample, "--with-content")
    titles = [path for path in (sample / "wrkq" / "inbox").glob("*.md") if path.name != "README.md"]
    assert titles
    for path in titles:
        assert said[f"content/{path.relative_to(sample / 'wrkq').as_posix()}"] == path.read_text("utf-8")
    rows = json.loads(said["doctor.json"])
    assert {"name", "status", "observed", "expected", "remedy", "fixable"} == set(rows[0])


def test_a_file_that_is_there_stays(sample: Path) -> None:
    (sample / "mine.zip").write_text("mine")
    done = adm("diagnostics", "mine.zip", "--json", cwd=sample)
    assert (done.exit, done.told("error")["code"]) == (4, "conflict")
    assert (sample / "mine.zip").read_text() == "mine"
    assert adm("diagnostics", "mine.zip", "--force", cwd=sample).exit == 0
    assert zipfile.is_zipfile(sample / "mine.zip")
    assert adm("diagnostics", "wrkq", cwd=sample).exit == 4
    assert [path.name for path in sample.iterdir() if path.name.endswith(".tmp")] == []


def test_a_report_about_what_is_broken(site: Path) -> None:
    (site / "wrkq" / "wrkq.yaml").write_text("format: 1\n\tx: [\n")
    for place in (site / ".git" / "wrkq" / "index-wrkq").glob("generation-*.sqlite"):
        place.write_bytes(b"not a database")
    said = report(site)
    assert json.loads(said["index.json"])["state"] == "damaged"
    said = report(site, "--as", "hush-hush")
    assert json.loads(said["settings.json"]) == {"error": "not_found"}
    assert [name for name, text in said.items() if "hush" in text] == []
    (site / ".git" / "HEAD").write_text("ref: refs/heads/.invalid\n")
    assert json.loads(report(site)["versions.json"])["wrkq_files"]
