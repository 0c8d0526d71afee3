"""The text of a request: what stands in it, that strangers' words do nothing in it, and what a squash keeps."""

from __future__ import annotations

import re

import pytest

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.service import comments, create, log
from wrkq_files.service.bundles import proposal, request_open, request_text, review
from wrkq_files.service.bundles.request_text import Text
from wrkq_files.service.change import Options
from wrkq_files.service.create import New
from wrkq_files.service.log import Asked

HOSTILE = "| `x` <script>alert(1)</script> @robin #12 Fixes #3"
#: What a host would act on, in Markdown and in a commit's message.
ACTIVE = re.compile(r"(?<!&)#\d|@[A-Za-z]|<script|(?<!\\)`x`", re.IGNORECASE)


@pytest.fixture
def box(box: Sandbox) -> Sandbox:
    create.mkdir(box.tracker, ["portal"], COMMIT, kind="project", title="Portal")
    create.mkdir(box.tracker, ["portal/auth"], COMMIT, kind="feature", title="Auth")
    create.add(box.tracker, "Login", New(body="- [ ] one\n"), COMMIT, into="portal/auth")
    create.add(box.tracker, "Other", New(), COMMIT, into="portal/auth")
    box.repo.git("checkout", "-q", "-b", "wrkq/login")
    return box


def text(box: Sandbox, title: str | None = None) -> Text:
    tracker = box.tracker
    found = proposal.bundle(tracker)
    return request_open.text(tracker, proposal.propose(tracker, found), review.review(tracker, found), title)


def on_main(box: Sandbox, files: dict[str, str | bytes | None]) -> None:
    box.repo.git("checkout", "-q", "main")
    box.repo.commit(files, "on main")
    box.repo.git("checkout", "-q", "wrkq/login")


def test_all_parts_in_their_order(box: Sandbox) -> None:
    box.set("portal/auth/login", Options(commit=True, message="It works since Monday."), state="completed")
    create.add(box.tracker, "New one", New(), COMMIT, into="portal/auth")
    comments.add(box.tracker, "portal/auth/login", "Lost on Firefox.\n\nAlways.", COMMIT, kind="blocker")
    body = re.sub(r"[TPC]-[0-9A-Z]{8}", "#", text(box).body)
    assert re.sub(r"\b01[0-9A-Z]{24}", "ULID", body) == (
        "It works since Monday.\n"
        "\n"
        "### Auth\n"
        "\n"
        "- **Completed:** Login (_#_)\n"
        "\n"
        "  > **robin** (blocker):\n"
        "  >\n"
        "  > Lost on Firefox.\n"
        "  >\n"
        "  > Always.\n"
        "\n"
        "- **New:** New one (_#_)\n"
        "\n"
        "| Document | Field | From | To |\n"
        "|---|---|---|---|\n"
        "| Login (_#_) | state | open | completed |\n"
        "\n"
        "### Checks\n"
        "\n"
        "- `wrkq check`: nothing found\n"
        "- merging with main: no conflicts\n"
        "\n"
        "Wrkq-Op: ULID set #\n"
        "Wrkq-Op: ULID add #\n"
        "Wrkq-Op: ULID comment # #\n"
        "Wrkq-Actor: robin\n"
        "Wrkq-Via: cli\n"
    )


def test_the_title_counts_tasks_or_is_the_only_subject(box: Sandbox) -> None:
    box.set("portal/auth/login", state="completed")
    assert text(box).title == "portal/auth/login: open -> completed"
    box.set("portal/auth/other", priority="1")
    assert text(box).title == "login: 1 task completed, 1 changed"
    assert text(box, "As I say").title == "As I say"


def test_a_commit_by_hand_is_a_why_and_the_tools_subject_is_none(box: Sandbox) -> None:
    box.set("portal/auth/login", priority="1")
    box.repo.commit({"code.py": "x = 1\n"}, "Take the button up\n\nHalf of them never find it.")
    body = text(box).body
    assert body.startswith("Take the button up\n\nHalf of them never find it.\n")
    assert "portal/auth/login: priority" not in body


def test_a_commit_by_hand_that_holds_operations_keeps_its_subject(box: Sandbox) -> None:
    box.set("portal/auth/login", priority="1")
    message = box.repo.git("log", "-1", "--format=%B").replace("portal/auth/login: priority 1", "Login comes first")
    box.repo.git("commit", "-q", "--amend", "-m", message)
    assert text(box).body.startswith("Login comes first\n\n")


def test_conflicts_and_findings_are_in_it(box: Sandbox) -> None:
    box.set("portal/auth/login", priority="1")
    box.replace("portal/auth/other.md", "title: Other", "title: Other\nstate: doing-it")
    box.repo.git("commit", "-q", "-a", "-m", "By hand")
    path = "wrkq/portal/auth/login.md"
    main = (box.repo.show(f"main:{path}") or b"").replace(b"title: Login", b"priority: 4\ntitle: Login")
    on_main(box, {path: main})
    body = text(box).body
    assert "- `wrkq check`: 1 error" in body
    assert "  - **error**: wrkq/portal/auth/other.md:3: " in body
    assert "- merging with main: 1 conflict\n" in body
    assert "| wrkq/portal/auth/login.md | priority |  | 1 (robin) | 4 (robin) |" in body


# Strangers


def test_hostile_words_do_nothing_wherever_they_stand(box: Sandbox) -> None:
    box.set("portal/auth/login", Options(commit=True, message=HOSTILE), title=HOSTILE)
    create.add(box.tracker, HOSTILE, New(body=f"- [ ] {HOSTILE}\n"), COMMIT, into="portal/auth")
    box.replace("portal/auth/login.md", "- [ ] one", f"- [ ] one\n- [x] {HOSTILE}")
    box.repo.git("commit", "-q", "-a", "-m", HOSTILE)
    comments.add(box.tracker, "portal/auth/login", f"{HOSTILE}\n```\n</details>\n{HOSTILE}", COMMIT)
    made = text(box)
    assert not ACTIVE.search(made.body), ACTIVE.search(made.body)
    rows = [line for line in made.body.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}
    assert "</details>" not in made.body
    assert "```" not in made.body.replace("\\`", "")
    assert not ACTIVE.search(text(box, HOSTILE).title.replace("`x` <script", ""))


def test_a_strangers_trailer_in_a_comment_is_nobodys_operation(box: Sandbox) -> None:
    forged = "Wrkq-Op: 01HZY3Q2T4N5M6P7R8S9V0W1X2 purge T-4K9X2M7Q\nWrkq-Actor: root"
    comments.add(box.tracker, "portal/auth/login", forged, COMMIT)
    from wrkq_files.model import messages

    told = messages.read(f"x\n\n{text(box).body}")
    assert ([each.name for each in told.operations], told.actors) == (["comment"], ("robin",))


# A squash


def test_a_squash_with_the_body_as_message_keeps_who_did_what(box: Sandbox) -> None:
    create.add(box.tracker, "By robin", New(), COMMIT, into="portal/auth")
    box.write("_actors/codex.md", "---\ndisplay_name: Codex\nrole: agent\n---\n")
    box.repo.commit({"wrkq/_actors/codex.md": box.text("_actors/codex.md")}, "Codex joins")
    tracker = box.tracker
    tracker.door = tracker.door._replace(actor="codex")
    create.add(tracker, "By codex", New(), COMMIT, into="portal/auth")
    box.set("portal/auth/login", priority="1")
    operations = box.repo.git("log", "--format=%B", "main..HEAD").count("Wrkq-Op: ")
    made = text(box)
    box.repo.git("checkout", "-q", "main")
    box.repo.git("merge", "-q", "--squash", "wrkq/login")
    box.repo.git("commit", "-q", "-m", f"{made.title} (#7)", "-m", made.body, "--author=Host <host@example.org>")
    deeds = log.log(box.tracker, Asked(targets=(box.repo.head,)))
    done = {
        (seen.happened.operation, seen.actor) for deed in deeds for seen in deed.events if seen.happened.operation
    }
    assert done == {("add", "robin"), ("add", "codex"), ("set", "robin")}
    assert operations == 3
    assert not [seen for deed in deeds for seen in deed.events if seen.happened.event.type == "commit.mentioned"]


# The template


@pytest.mark.parametrize(
    "path",
    [
        ".github/pull_request_template.md",
        ".github/PULL_REQUEST_TEMPLATE.md",
        "PULL_REQUEST_TEMPLATE.MD",
        "Docs/Pull_Request_Template.md",
        ".gitlab/merge_request_templates/Default.md",
    ],
)
def test_the_repositorys_template_stands_below(box: Sandbox, path: str) -> None:
    on_main(box, {path: "## Checklist\n\n- [ ] I have read it\n"})
    box.set("portal/auth/login", priority="1")
    body = text(box).body
    assert body.index("### Auth") < body.index("### Checks") < body.index("## Checklist\n\n- [ ] I have read it\n")
    assert body.rindex("Wrkq-Op: ") > body.index("I have read it")


def test_our_text_stands_at_its_mark_in_the_template(box: Sandbox) -> None:
    on_main(box, {".github/pull_request_template.md": "Above\n\n  <!-- wrkq -->\n\nBelow\n"})
    box.set("portal/auth/login", priority="1")
    body = text(box).body
    assert body.startswith("Above\n\n### Auth\n")
    assert body.index("### Checks") < body.index("\nBelow\n\nWrkq-Op: ")
    assert "<!-- wrkq -->" not in body


def test_a_template_that_is_a_link_or_a_folder_is_none(box: Sandbox) -> None:
    (box.repo.path / "docs").mkdir()
    on_main(box, {"docs/pull_request_template.md/one.md": "One of several\n"})
    (box.repo.path / "pull_request_template.md").symlink_to("docs")
    box.set("portal/auth/login", priority="1")
    assert "One of several" not in text(box).body


# Too much


def test_a_body_ends_where_hosts_end_it_and_says_so(box: Sandbox) -> None:
    for number in range(3):
        box.write(f"portal/auth/long-{number}.md", f"---\ntitle: Long {number}\n---\n")
    box.repo.git("add", "-A")
    box.repo.git("commit", "-q", "-m", "Long ones")
    for number in range(25):
        comments.add(box.tracker, "portal/auth/login", f"{number} " + "|" * 4000, COMMIT)
    made = text(box)
    assert len(made.body) <= request_text.LIMIT
    assert made.left_out
    assert "`wrkq bundle show login` has them" in made.body
    assert "### Checks" in made.body
    assert made.body.count("Wrkq-Op: ") == 25
