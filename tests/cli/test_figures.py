"""Feedback, and figures as text, JSON and pictures."""

from __future__ import annotations

import importlib
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.cli.support import run
from wrkq_files.cli import chart
from wrkq_files.model import figures
from wrkq_files.model.fields import STATES
from wrkq_files.model.statistics import Tally
from wrkq_files.service.statistics import Period, Statistics

UNSAFE = ("<script>alert(1)</script>", "a & b \x1b[31m", '"><a href="http://example.com">')
LOGIN, OLD = "portal/auth/login-ux", "portal/auth/old"


def stats(site: Path, *words: str, **how: Any) -> Any:
    done = run("stats", *words, "--json", cwd=site, **how)
    assert done.exit == 0, done.err
    return done.json


# --- feedback


def test_feedback_is_a_comment_that_stats_counts(site: Path) -> None:
    done = run("feedback", OLD, "--quality", "4", "-m", "Well done.", "--json", cwd=site)
    assert done.exit == 0
    [comment] = run("comment", "ls", OLD, "--json", cwd=site).json
    assert (comment["kind"], comment["body"].strip(), comment["fields"]["quality"]) == ("feedback", "Well done.", 4)
    assert "warning" not in done.err
    total = stats(site)["total"]
    assert (total["quality"], total["timeliness"]) == ({"marks": 1, "mean": 4}, {"marks": 0, "mean": None})


@pytest.mark.parametrize(
    ("words", "stdin", "said"),
    [((), "", "Quality 4 of 5 and timeliness 2 of 5."), (("-m", "-"), "From a pipe.\n", "From a pipe.")],
)
def test_its_text_is_given_or_says_the_marks(site: Path, words: tuple[str, ...], stdin: str, said: str) -> None:
    assert run("feedback", OLD, "--quality", "4", "--timeliness", "2", *words, cwd=site, stdin=stdin).exit == 0
    [comment] = run("comment", "ls", OLD, "--json", cwd=site).json
    assert comment["body"].strip() == said


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        ((OLD,), "usage", "--quality 1-5"),
        ((OLD, "--quality", "6"), "validation", "from 1 to 5"),
        ((OLD, "--timeliness", "0"), "validation", "from 1 to 5"),
        (("portal/auth", "--quality", "3"), "not_found", "task"),
    ],
)
def test_feedback_is_refused_with_what_is_allowed(site: Path, words: tuple[str, ...], code: str, part: str) -> None:
    error = run("feedback", *words, "--json", cwd=site).told("error")
    assert error["code"] == code
    assert part in error["message"] + error["hint"]
    assert run("comment", "ls", OLD, "--json", cwd=site).json == []


def test_feedback_on_what_is_not_closed_is_warned_about(site: Path) -> None:
    done = run("feedback", LOGIN, "--quality", "3", cwd=site)
    assert done.exit == 0
    assert f"{LOGIN} is open" in done.err


# --- stats


def test_the_table_has_a_column_for_each_count_and_the_summary_says_the_same(site: Path) -> None:
    total = stats(site)["total"]
    done = run("stats", cwd=site, terminal=True, env={"NO_COLOR": "1"})
    summary = {line.split()[0]: line.split()[1] for line in done.lines[2:] if line}
    for name in ("created", "completed", "cancelled", "reopened", "open"):
        assert summary[name] == str(total[name])
        assert name.upper() in done.out
    assert "REMOVED" not in done.out  # nothing was
    assert max(map(len, done.lines)) <= 80


def test_by_has_a_row_for_each_and_json_names_it(site: Path) -> None:
    found = stats(site, "--by", "feature")
    assert [(row["feature"], row["title"]) for row in found["by"]] == [("portal/auth", "Auth"), (None, None)]
    assert sum(row["created"] for row in found["by"]) == found["total"]["created"]
    shown = run("stats", "--by", "feature", cwd=site).out
    assert "portal/auth" in shown
    assert "no feature" in shown


def test_periods_are_in_json_with_their_beginnings(site: Path) -> None:
    found = stats(site, "--per", "month")
    assert found["per"] == "month"
    assert found["periods"][0]["begins"] == found["since"]
    assert {"begins", "created", "completed", "cancelled", "reopened", "open"} <= set(found["periods"][0])


def test_names_of_strangers_do_nothing_to_a_terminal(site: Path) -> None:
    for label in UNSAFE:
        (site / f"wrkq/portal/x{len(label)}.md").write_text(f"---\ntitle: X\nlabels:\n  - {label!r}\n---\n")
    assert run("commit", cwd=site).exit == 0
    shown = run("stats", "--by", "label", cwd=site, terminal=True, env={"NO_COLOR": "1"}).out
    assert "\x1b" not in shown
    assert "[31m" in shown


@pytest.mark.parametrize(
    ("env", "marks"),
    [
        ({"LC_ALL": "de_DE.UTF-8"}, figures.BLOCKS),
        ({"LC_ALL": "de_DE.ISO-8859-1"}, figures.ASCII),
        ({"LC_ALL": "de_DE.UTF-8", "TERM": "dumb"}, figures.ASCII),
    ],
)
def test_a_terminal_without_block_characters_gets_others(site: Path, env: dict[str, str], marks: str) -> None:
    shown = run("stats", cwd=site, terminal=True, env={**env, "NO_COLOR": "1"}).lines
    [line] = [line for line in shown if line.startswith("completed")]
    assert line.endswith(marks[-1])


def test_a_line_of_many_periods_shows_the_last_that_fit(site: Path) -> None:
    (site / "wrkq/portal/early.md").write_text("---\ntitle: Early\nstate: completed\n---\n")
    subprocess.run(["git", "add", "-A"], cwd=site, check=True)
    long_ago = f"{datetime.now(UTC) - timedelta(days=200):%Y-%m-%dT%H:%M:%S}"
    subprocess.run(["git", "commit", "-q", "-m", "early", "--date", long_ago], cwd=site, check=True)
    words = ("stats", "--since", "150d", "--per", "day")
    shown = run(*words, cwd=site, terminal=True, env={"NO_COLOR": "1"}).lines
    [line] = [line for line in shown if line.startswith("completed")]
    assert len(line) == 80
    assert line[-1] == figures.BLOCKS[-1]  # today


def test_what_cannot_be_read_is_named(site: Path) -> None:
    (site / "wrkq/portal/broken.md").write_text("---\ntitle: [\n---\n")
    subprocess.run(["git", "add", "-A"], cwd=site, check=True)
    subprocess.run(["git", "commit", "-q", "-m", "broken"], cwd=site, check=True)
    assert "portal/broken.md" in run("stats", cwd=site).err


def test_a_bundle_has_figures_of_its_own(site: Path) -> None:
    before = stats(site)["total"]
    assert run("bundle", "start", "try", cwd=site).exit == 0
    assert run("cancel", LOGIN, "--bundle", "try", cwd=site).exit == 0
    assert stats(site, "--bundle", "try")["total"]["open"] == before["open"] - 1
    assert stats(site)["total"] == before


def test_a_clone_that_is_cut_says_so(site: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{site}", tmp_path / "cut"], check=True)
    done = run("stats", cwd=tmp_path / "cut")
    assert "git fetch --unshallow" in done.err
    assert run("stats", cwd=site).err == ""


# --- pictures


def picture(site: Path, kind: str) -> str:
    done = run("stats", "--svg", kind, cwd=site)
    assert done.exit == 0, done.err
    return done.out


def words_of(svg: str) -> list[str]:
    return [each.text for each in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text") if each.text]


@pytest.mark.parametrize("kind", ["flow", "burnup"])
def test_a_picture_asks_nothing_of_anybody(site: Path, kind: str) -> None:
    svg = picture(site, kind)
    names = {each.tag.rpartition("}")[2] for each in ElementTree.fromstring(svg).iter()}
    assert names <= {"svg", "defs", "style", "title", "g", "rect", "path", "text", "tspan"}
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    assert "href" not in svg
    assert "url(" not in svg
    assert "<!--" not in svg
    assert {"Date", "Tasks"} <= set(words_of(svg))


def test_flow_has_the_states_there_are_in_their_order(site: Path) -> None:
    tasks = run("find", "-a", "--json", "--fields", "state", cwd=site).json
    there = [state.replace("_", " ") for state in STATES if state in {task["state"] for task in tasks}]
    known = {state.replace("_", " ") for state in STATES}
    assert [word for word in words_of(picture(site, "flow")) if word in known] == there


def test_burnup_has_scope_and_completed(site: Path) -> None:
    assert {"scope", "completed"} <= set(words_of(picture(site, "burnup")))


@pytest.mark.parametrize("title", UNSAFE)
def test_text_in_a_picture_is_text_and_the_same_figures_are_the_same_bytes(title: str) -> None:
    moments = [datetime(2026, 1, day, tzinfo=UTC) for day in (5, 12)]
    none = Tally().figures()
    found = Statistics(*moments, none, [Period(moments[0], none)], [], moments, [{}, {"open": 1}])
    svg = chart.flow(found, f" in {title}")
    assert any(title.replace("\x1b", "") in word for word in words_of(svg))
    assert "<script" not in svg
    assert chart.flow(found, f" in {title}") == svg


def test_a_picture_is_saved_and_replaces_only_a_picture(site: Path) -> None:
    place = site / "flow.svg"
    for _ in range(2):
        assert run("stats", "--svg", "flow", "--output", str(place), cwd=site).exit == 0
    assert place.read_text().startswith("<svg")
    (site / "notes.txt").write_text("mine")
    done = run("stats", "--svg", "flow", "-o", "notes.txt", "--json", cwd=site)
    assert done.told("error")["code"] == "exists"
    assert (site / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("words", [("--output", "x.svg"), ("--svg", "flow", "--json"), ("--svg", "pie")])
def test_what_goes_not_together_is_refused(site: Path, words: tuple[str, ...]) -> None:
    assert run("stats", *words, cwd=site).exit == 2


def test_the_library_is_imported_only_for_a_picture(site: Path) -> None:
    script = (
        "import sys; from wrkq_files.cli import main; main.run('wrkq', ['stats']); assert 'pygal' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], cwd=site, check=True, stdout=subprocess.DEVNULL)


def test_it_leaves_nothing_where_modules_are_looked_for() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("no_such_module")  # a finder of the library would be warned about


@pytest.mark.parametrize("most", [0, 1, 2, 5, 6, 49, 50, 51, 999, 12345])
def test_an_axis_has_few_whole_numbers_and_room_for_all(most: int) -> None:
    ticks = chart._ticks(most)
    assert ticks[0] == 0
    assert ticks[-1] >= max(most, 1)
    assert 2 <= len(ticks) <= 7
    assert len({after - before for before, after in pairwise(ticks)}) == 1
