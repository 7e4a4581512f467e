"""What a program sends is taken by its names and sizes, and nothing else is."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from peelian.web.api_bodies import Do, Ids, Search, StepUp


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (Search, {"list": "/cases", "query": "q=a", "name": "n", "person": "t"}),
        (Search, {"list": "/cases", "query": "q" * 1_001, "name": "n"}),
        (Search, {"list": "/cases", "query": "q=a", "name": "n" * 201}),
        (Ids, {"ids": []}),
        (Ids, {"ids": ["i"] * 201}),
        (Ids, {"ids": "i"}),
        (Do, {"params": {"n": float("inf")}}),
        (StepUp, {"code": "1" * 41}),
    ],
)
def test_what_is_not_named_or_too_long_is_not_taken(kind: type[BaseModel], body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        kind(**body)
