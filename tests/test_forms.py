"""A params dataclass becomes flags and fields, and back, with clear errors."""

from __future__ import annotations

import dataclasses

import pytest

from peelian.errors import InputError
from peelian.forms import faults_in, fields_of, filled, from_flags
from peelian.kernel.model.parameters import REQUIRED, choice, flag, number, text


@dataclasses.dataclass(frozen=True, kw_only=True)
class Params:
    name: str = choice(REQUIRED, "A name", ("a", "b"))
    cell_metres: int = number(250, "Cell size", 100, 500)
    share: float = number(0.5, "A share", 0, 1)
    loud: bool = flag(False, "Whether it is loud")
    models: tuple[str, ...] = text(("x",), "Models", several=(1, 5))


def test_flags_become_params() -> None:
    made = from_flags(Params, ["--name", "a", "--cell-metres=500", "--models", "p,q", "--models", "r", "--loud", "yes"])
    assert made == Params(name="a", cell_metres=500, models=("p", "q", "r"), loud=True)


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        ([], "name"),
        (["--name", "c"], "name"),
        (["--name", "a", "--cell-metres", "wide"], "--cell-metres: not a whole number"),
        (["--name", "a", "--cell-metres", "501"], "--cell-metres: out of range. Expected: 100 to 500"),
        (["--name", "a", "--share", "nan"], "--share: out of range. Expected: 0 to 1"),
        (["--name", "a", "--colour", "red"], "--colour: unknown parameter. Expected: --name, --cell-metres"),
        (["--name", "a", "--share"], "share"),
        (["--name", "a", "--loud", "perhaps"], "loud"),
        (["name"], "start with --"),
    ],
)
def test_bad_flags_are_named_with_what_is_accepted(flags: list[str], named: str) -> None:
    with pytest.raises(InputError) as error:
        from_flags(Params, flags)
    assert named in str(error.value)


def test_fields_tell_a_door_what_to_draw() -> None:
    by_name = {field.name: field for field in fields_of(Params)}
    assert by_name["name"].required and by_name["name"].choices == ("a", "b")
    assert by_name["models"].many and by_name["models"].default == ("x",)
    assert by_name["cell_metres"].flag == "--cell-metres"
    assert filled(Params, {"name": "b", "models": ["y"]}).models == ("y",)


def test_everything_wrong_is_told_at_once_each_at_its_field() -> None:
    def check(params: Params) -> None:
        if params.cell_metres > 300 and params.loud:
            raise InputError("too large to be loud", column="loud", accepted="no")

    def told(**texts: str) -> list[str]:
        return [fault.column for fault in faults_in(Params, texts, check=check)]

    assert told(name="a") == []
    assert told(name="c", share="half", cell_metres="501", models=",", colour="red") == [
        "colour", "name", "cell_metres", "share", "models",
    ]  # fmt: skip
    assert told(cell_metres="501", loud="yes") == ["name", "cell_metres"]
    assert told(name="a", cell_metres="301", loud="yes") == ["loud"], "what fields say of one another comes last"
