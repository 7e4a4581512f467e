"""What the tests of the demonstrations share: one town, built once, and copies of it to play in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import chromium
from demo_town import Built
from playwright.sync_api import Browser

from peelian.demos.demo import demonstrate


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The whole town of `peelian demo`, built once and closed."""
    said: list[str] = []
    folder = tmp_path_factory.mktemp("demonstration") / "town"
    office, record = demonstrate(folder, say=said.append, progress=lambda says, share: None)
    office.close()
    return Built(folder=folder, record=record, said=tuple(said))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all of them."""
    with chromium() as one:
        yield one


@pytest.fixture(autouse=True)
def played(numbers_typed: None) -> None:
    """An office of these tests is taken for a demonstration's, whose sensors have names."""
