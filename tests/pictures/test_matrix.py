"""Matrices: figures in cells, missing ones hatched, shapes checked."""

from __future__ import annotations

import re

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.pictures.charts import matrix

TOLD = {"caption": "Caption", "alternative": "What it shows."}


def test_a_matrix_prints_its_figures_and_hatches_what_is_missing() -> None:
    picture = matrix(["a"], ["a", "b"], [[1.0, np.nan]], **TOLD)
    assert ">1</text>" in picture.svg and "–" not in picture.svg.split("<desc>")[1].split("</desc>")[1]
    assert picture.twin is not None and picture.twin.rows == (("a", "1", "–"),)


def test_a_log_matrix_shades_zero_as_least() -> None:
    picture = matrix(["r"], ["a", "b", "c"], [[0.0, 1e-6, 1e-2]], colour="log", **TOLD)
    fills = re.findall(r'fill="(#[0-9a-f]{6})"/><text', picture.svg)
    assert fills[0] == fills[1] != fills[2]


def test_a_wide_matrix_says_that_it_is_wide() -> None:
    picture = matrix(["r"], [str(i) for i in range(30)], [np.arange(30.0)], **TOLD)
    assert 'class="picture wide"' in picture.svg


@pytest.mark.parametrize(
    ("values", "text"), [([[1.0]], None), ([[1.0, 2.0]], [["only one"]]), ([], None), ([[1.0, 2.0]] * 2, None)]
)
def test_a_matrix_of_another_shape_is_refused(values: list[list[float]], text: list[list[str]] | None) -> None:
    with pytest.raises(InputError):
        matrix(["a"], ["b", "c"], values, text=text, **TOLD)
