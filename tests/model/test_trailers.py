"""Trailers that are repeated are read as they were."""

from __future__ import annotations

import pytest

from wrkq_files.model import messages, trailers

ONE, TWO, THREE = (f"01HZY3Q2T4N5M6P7R8S9V0W1X{each}" for each in "234")
A, B = "T-4K9X2M7Q", "T-8W2D5H0C"


def commit(*lines: str) -> str:
    return "x\n\n" + "\n".join(lines) + "\n"


def read(*commits: str) -> dict[str, tuple[str, str, str]]:
    """The operations of the repeated trailers: who, where, in which session."""
    told = messages.read("squashed\n\nText.\n\n" + "\n".join(trailers.repeated(commits)) + "\n")
    return {each.ulid: (each.actor, each.workspace, each.session) for each in told.operations}


def test_each_operation_keeps_who_did_it() -> None:
    one = commit(f"Wrkq-Op: {ONE} set {A}", "Wrkq-Actor: robin", "Wrkq-Session: s-1", "Wrkq-Via: cli")
    two = commit(f"Wrkq-Op: {TWO} set {A}", "Wrkq-Actor: codex", "Wrkq-Via: cli")
    three = commit(f"Wrkq-Op: {THREE} set {B}", "Wrkq-Actor: robin", "Wrkq-Session: s-1", "Wrkq-Via: cli")
    found = read(one, two, three)
    assert found == {ONE: ("robin", "", "s-1"), TWO: ("codex", "", ""), THREE: ("robin", "", "s-1")}
    assert [*found] == [ONE, TWO, THREE]


def test_operations_of_nobody_are_claimed_by_nobody() -> None:
    nobody = commit(f"Wrkq-Op: {ONE} set {A}", "Wrkq-Via: cli")
    robin = commit(f"Wrkq-Op: {TWO} set {A}", "Wrkq-Actor: robin")
    assert read(nobody, robin) == {ONE: ("", "", ""), TWO: ("robin", "", "")}


def test_each_is_said_once() -> None:
    lines = (f"Wrkq-Op: {ONE} set {A}", "Wrkq-Actor: robin", "Wrkq-Via: cli", "Co-authored-by: Ann <ann@example.org>")
    assert trailers.repeated([commit(*lines), commit(*lines)]) == [*lines]


def test_operations_of_one_follow_each_other() -> None:
    one = commit(f"Wrkq-Op: {ONE} set {A}", "Wrkq-Actor: robin", "Wrkq-Via: cli")
    two = commit(f"Wrkq-Op: {TWO} check --fix {A} {B}", "Wrkq-Actor: robin", "Wrkq-Via: cli")
    assert trailers.repeated([one, two]) == [
        f"Wrkq-Op: {ONE} set {A}",
        f"Wrkq-Op: {TWO} check --fix {A} {B}",
        "Wrkq-Actor: robin",
        "Wrkq-Via: cli",
    ]


def test_of_a_squash_all_blocks_are_taken() -> None:
    message = f"x (#1)\n\n* one\n\nWrkq-Op: {ONE} set {A}\nWrkq-Actor: robin\n\n* two\n\nWrkq-Op: {TWO} mv {A}\n"
    assert read(message) == {ONE: ("robin", "", ""), TWO: ("", "", "")}


@pytest.mark.parametrize(
    "line",
    [
        f"Wrkq-Op: {ONE} fixes #3",
        f"Wrkq-Op: {ONE} closes GH-3",
        f"Wrkq-Op: {ONE} set @robin",
        f"Wrkq-Op: {ONE} set <script>",
        f"Wrkq-Op: {ONE} fixes acme/shop/issues/3",
        "Wrkq-Actor: @robin",
        "Wrkq-Via: Fixes https://host/acme/shop/issues/3",
        "Wrkq-Closes: 3",
        "Co-authored-by: @acme <a@x.org>",
        "Co-authored-by: A <a@x.org> Fixes #3",
    ],
)
def test_what_a_host_could_take_for_more_is_left_out(line: str) -> None:
    assert trailers.repeated([commit(line)]) == []
