"""A params dataclass becomes flags and fields, and back, with clear errors."""

from __future__ import annotations

import dataclasses

import pytest

from peelian.errors import InputError
from peelian.forms import faults_in, fields_of, filled, from_flags


@dataclasses.dataclass(frozen=True, kw_only=True)
class Params:
    name: str = dataclasses.field(metadata={"help": "A name", "choices": ("a", "b")})
    cell_metres: int = 250
    share: float = 0.5
    loud: bool = False
    models: tuple[str, ...] = ("x",)


def test_flags_become_params() -> None:
    made = from_flags(Params, ["--name", "a", "--cell-metres=500", "--models", "p,q", "--models", "r", "--loud", "yes"])
    assert made == Params(name="a", cell_metres=500, models=("p", "q", "r"), loud=True)


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        ([], "name"),
        (["--name", "c"], "name"),
        (["--name", "a", "--cell-metres", "wide"], "--cell-metres: not a whole number"),
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
        if params.cell_metres > 300:
            raise InputError("too large", column="cell_metres", accepted="1 to 300")
        if not params.models:
            raise InputError("none", column="models", accepted="one or more")

    def told(**texts: str) -> list[str]:
        faults = faults_in(Params, texts, check=check, sound=lambda: Params(name="a"))
        return [fault.column for fault in faults]

    assert told(name="a") == []
    assert told(name="c", share="half", cell_metres="301", models=",", colour="red") == [
        "colour", "name", "share", "cell_metres", "models",
    ]  # fmt: skip
    assert told(cell_metres="301") == ["name", "cell_metres"]
