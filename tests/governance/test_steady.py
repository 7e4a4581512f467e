"""What those who judge are given is one and the same until something changes, and then stays as it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from peelian.governance.steady import Steady


@pytest.mark.parametrize(
    "change",
    [
        lambda some: some.__setitem__("a", 2),
        lambda some: some.__setitem__("c", 3),
        lambda some: some.__delitem__("a"),
        lambda some: some.pop("a"),
        lambda some: some.update(c=3),
        lambda some: some.setdefault("c", 3),
        lambda some: some.clear(),
        lambda some: some.popitem(),
    ],
)
def test_each_change_makes_another_copy(change: Callable[[Steady[int]], object]) -> None:
    some = Steady({"a": 1, "b": 2})
    before = some.now()
    assert some.now() is before and dict(before) == {"a": 1, "b": 2}
    change(some)
    assert dict(before) == {"a": 1, "b": 2} and some.now() is not before and dict(some.now()) == dict(some)


def test_what_changes_nothing_makes_none_and_nobody_changes_a_copy() -> None:
    some = Steady({"a": 1})
    before = some.now()
    assert some.get("b") is None and some.pop("b", None) is None and "a" in some and some.now() is before
    assert some == {"a": 1} and list(some) == ["a"] and len(some) == 1 and repr(some) == "Steady({'a': 1})"
    with pytest.raises(TypeError):
        before["a"] = 2  # type: ignore[index]
    with pytest.raises(KeyError):
        del some["b"]
