"""Every test runs with a home of its own, so that nobody's configuration changes an answer, nor a test anybody's."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

GLOBAL_CONFIG = """\
[user]
	name = Robin Example
	email = robin@example.com
[init]
	defaultBranch = main
[advice]
	detachedHead = false
[protocol "file"]
	allow = always
# Cheaper, and no test depends on it: what a killed process wrote stays written, and ours packs when it is asked to.
[core]
	fsync = none
[maintenance]
	auto = false
"""


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """HOME (pygit2 ignores ``GIT_CONFIG_GLOBAL``), XDG and git's files are temporary; no ``GIT_*`` is left over."""
    folder = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith(("GIT_", "WRKQ_"))]:
        monkeypatch.delenv(name)
    config = folder / ".gitconfig"
    config.write_text(GLOBAL_CONFIG)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / ".config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    return folder


@pytest.fixture(scope="session", autouse=True)
def _git_there() -> None:
    if shutil.which("git") is None:
        pytest.exit("these tests need git", returncode=2)


@pytest.hookimpl(trylast=True)  # hypothesis marks its tests in this hook too
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """``soak`` tests take minutes: they run when ``-m`` names them.

    Laws are not traced for coverage: that doubles their time, and the tests of examples run what they run.
    """
    for item in items:
        if item.get_closest_marker("hypothesis"):
            item.add_marker("no_cover")
    if "soak" not in config.option.markexpr:
        items[:] = [item for item in items if item.get_closest_marker("soak") is None]


def pytest_collection_finish() -> None:
    """What is there by now stays: no collection of garbage needs to look through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def in_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's clock shows UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def untraced() -> Iterator[None]:
    """No coverage tracer in what a test times: it makes a loop tens of times slower."""
    tracer = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(tracer)
