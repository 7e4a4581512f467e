"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data that may be used here but not shipped; the test is skipped where it is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder ../shared/data is missing: data that may be used here only, not shipped")
    return SHARED_DATA
