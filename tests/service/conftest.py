from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import queues
from tests.support.bundles import Bundles
from tests.support.sandbox import Sandbox


@pytest.fixture
def box(tmp_path: Path) -> Sandbox:
    """A tracker in the folder ``wrkq`` of a repository, all committed."""
    sandbox = Sandbox(tmp_path / "repo")
    sandbox.commit_all()
    return sandbox


@pytest.fixture
def bundles(box: Sandbox) -> Bundles:
    """The same, to make bundles in."""
    return Bundles(box)


@pytest.fixture
def shop(box: Sandbox) -> Sandbox:
    """The same with a project and a feature in `ready`, and nothing to do yet."""
    return queues.shop(box)
