"""A pytest plugin for ``make fuzz``: EXAMPLES examples for each property, whatever it says itself."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("EXAMPLES", "5000"))
#: How many damaged files `tests/service/test_fuzz.py` tries: each costs a twentieth of an example.
INPUTS = 20 * EXAMPLES
#: What must never lose anything is tried twice as often: 10,000 times, as a rule.
TWICE = ("test_merge_laws.py",)

settings.register_profile(
    "fuzz",
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A number in a test's own ``@settings`` is for ``make test``, and wins over any profile."""
    for item in items:
        function = getattr(item, "obj", None)
        own = getattr(function, "_hypothesis_internal_use_settings", None)
        if own is not None:
            examples = EXAMPLES * (2 if item.path.name in TWICE else 1)
            function._hypothesis_internal_use_settings = settings(own, max_examples=examples)  # type: ignore[union-attr]
