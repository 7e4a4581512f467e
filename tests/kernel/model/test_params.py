"""Params survive being spelled as JSON, and what are no params of a capability is refused."""

from __future__ import annotations

import dataclasses
import json

import pytest
from changed import changed
from toy import COUNT, WellParams

from peelian.errors import OutOfOrder
from peelian.kernel.model.params import params_of, spelled_params


@dataclasses.dataclass(frozen=True)
class Many:
    deepest: int = 1
    names: tuple[str, ...] = ("a", "b")


def test_they_survive_json() -> None:
    spelled = json.loads(json.dumps(spelled_params(Many())))
    assert params_of(changed(COUNT, params=Many), spelled) == Many()
    assert params_of(COUNT, spelled_params(WellParams(deepest=3))) == WellParams(deepest=3)


def test_what_is_no_param_is_refused() -> None:
    with pytest.raises(OutOfOrder, match="do not belong to toy"):
        params_of(COUNT, {"colour": "red"})
