"""An ONNX file's sizes are freed without a library, and bytes that are no model are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.footage.measure.detector import _OUTPUTS, _PICTURE, session_of, weights, with_free_sizes

INPUTS = {_PICTURE: (1, 3, "height", "width")}


def test_the_freed_model_takes_any_size_and_keeps_its_outputs() -> None:
    session = session_of(with_free_sizes(weights(), inputs=INPUTS, outputs=_OUTPUTS), 1)
    assert [i.name for i in session.get_inputs()] == [_PICTURE]
    for tall, wide in ((32, 64), (96, 32)):
        heat = session.run(["537"], {_PICTURE: np.zeros((1, 3, tall, wide), np.float32)})[0]
        assert heat.shape == (1, 1, tall // 4, wide // 4)


def test_the_freed_model_says_what_the_fixed_one_says() -> None:
    """In the one size that the file itself allows, nothing but the sizes has changed."""
    rng = np.random.default_rng(3)
    picture = rng.uniform(0, 255, (10, 3, 32, 32)).astype(np.float32)
    fixed = session_of(weights(), 1).run(list(_OUTPUTS), {_PICTURE: picture})
    freed = session_of(with_free_sizes(weights(), inputs={_PICTURE: ("n", 3, "h", "w")}, outputs={}), 1)
    assert freed.get_outputs() == []  # only named outputs are kept
    named = {name: ("n", *dims[1:]) for name, dims in _OUTPUTS.items()}
    freed = session_of(with_free_sizes(weights(), inputs={_PICTURE: ("n", 3, "h", "w")}, outputs=named), 1)
    for a, b in zip(fixed, freed.run(list(_OUTPUTS), {_PICTURE: picture}), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-3)


def test_another_model_is_named_as_such() -> None:
    with pytest.raises(InputError, match="unexpected model"):
        with_free_sizes(weights(), inputs={"other": (1,)}, outputs={})


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        with_free_sizes(data, inputs=INPUTS, outputs={})


def test_a_model_cut_short_is_refused() -> None:
    whole = weights()
    for length in (1, 100, len(whole) // 2, len(whole) - 1):
        with pytest.raises(InputError):
            with_free_sizes(whole[:length], inputs=INPUTS, outputs=_OUTPUTS)
