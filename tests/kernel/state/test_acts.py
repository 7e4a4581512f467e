"""What stands before an act that is done here."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from peelian.kernel.state.acts import ACTS, act


def test_the_policies_are_read_before_an_act_takes_its_turn_whatever_they_say() -> None:
    order: list[str] = []

    def does(kernel: Any) -> None:
        order.append("act")

    def digest() -> str:
        order.append("policies")
        raise RuntimeError("the engine broke")

    done = act(does)
    ACTS.pop(f"{does.__module__}.{does.__qualname__}")
    done(SimpleNamespace(registrar=None, policy=SimpleNamespace(digest=digest)))
    assert order == ["policies", "act"]
