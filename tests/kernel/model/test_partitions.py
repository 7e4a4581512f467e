"""Partitions: what a manifest commits to, and which region a point lies in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import IntegrityError
from peelian.kernel.model.partitions import (
    Partition,
    lists_partitions,
    manifest_in,
    manifest_of,
    regions_of,
)

ONE = Partition(month="2021-03", region="-1:0", object="a" * 32, rows=3, digest="1" * 64)
TWO = Partition(month="2021-02", region="0:0", object="b" * 32, rows=5, digest="2" * 64)


def test_the_digest_is_of_the_rows_and_the_name_of_where_they_lie() -> None:
    made = manifest_of([ONE, TWO])
    assert made.partitions == (TWO, ONE) and made.rows == 8 and made.of("a" * 32) == ONE
    sealed_again = manifest_of([TWO, replace(ONE, object="c" * 32)])
    assert sealed_again.digest == made.digest and sealed_again.name != made.name
    for other in ([ONE], [ONE, replace(TWO, rows=4)], [ONE, replace(TWO, digest="3" * 64)], [ONE, TWO, TWO]):
        assert manifest_of(other).digest != made.digest


def test_a_manifest_is_read_back_or_refused() -> None:
    made = manifest_of([ONE, TWO], combined=[("incidents-1", "4" * 64)])
    assert manifest_in(made.to_bytes(), made.name) == made and lists_partitions(made.name)
    assert not lists_partitions(ONE.object)
    for content in (
        b"",
        b"[]",
        b'{"partitions":[[]]}',
        made.to_bytes()[:-1],
        made.to_bytes().replace(b"-1:0", b"../0"),
    ):
        with pytest.raises(IntegrityError):
            manifest_in(content, made.name)
    with pytest.raises(IntegrityError, match="altered"):
        manifest_in(manifest_of([ONE]).to_bytes(), made.name)


def test_regions_are_squares_of_25_km_from_the_centre() -> None:
    east = np.array([0.0, -0.0, -1e-9, 24_999.9, 25_000.0, -25_000.0])
    found = regions_of(east, np.zeros(6))
    assert found[:, 0].tolist() == [0, 0, -1, 0, 1, -1] and found[:, 1].tolist() == [0] * 6
