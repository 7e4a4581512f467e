"""Loops run the same with and without numba, and say which extra is missing before they would be slow."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.mapping.kernels import compiled as subject
from peelian.technologies.mapping.kernels.pairs import count_loop


@pytest.fixture
def without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)


def test_a_loop_is_compiled_once_and_asked_for_again() -> None:
    assert subject.compiled(count_loop) is subject.compiled(count_loop)
    assert subject.compiled(count_loop) is not count_loop


def test_without_numba_the_loop_is_the_plain_function(without_numba: None) -> None:
    assert subject.compiled.__wrapped__(count_loop) is count_loop
    assert not subject.numba_is_here()


def test_without_numba_much_data_is_refused_naming_the_extra(without_numba: None) -> None:
    subject.refuse_slow(1000, "a small task")
    with pytest.raises(InputError, match=r"needs numba.*peelian\[fast\]"):
        subject.refuse_slow(1e7, "the big task")


def test_with_numba_nothing_is_refused() -> None:
    subject.refuse_slow(float(np.inf), "anything")
