"""A missing library is named together with the one line that installs it."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.technologies.footage.measure.recording import library


def test_a_library_that_is_there_is_handed_out() -> None:
    assert library("av").__name__ == "av"


def test_a_missing_library_is_named_with_the_line_that_installs_it() -> None:
    with pytest.raises(InputError, match=r"pip install 'peelian\[vision\]'"):
        library("a_library_that_nobody_has")
