"""Parameters: what each field of a request may be, said once as data. Check, form, help and API are drawn from it."""

from __future__ import annotations

import dataclasses
import math
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from peelian.errors import AS_IT_IS, InputError, sentence

REQUIRED = dataclasses.MISSING
"""The default of a parameter that must be given."""
NO_NUMBER = {int: ("not a whole number", "a whole number"), float: ("not a number", "a number")}
A_DAY = "a date such as 2020-01-06"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a parameter may be, besides its type and its choices; of several values, what each of them may be."""

    least: float | None = None
    most: float | None = None
    above: bool = False  # `least` itself is not accepted
    below: bool = False  # `most` itself is not accepted
    why: str = ""  # why a number has no range
    day: bool = False  # an ISO day
    letters: int | None = None  # a text of one line, of so many letters at most
    pattern: re.Pattern[str] | None = None  # what the whole text matches, which `accepted` says in words
    accepted: str = ""
    reads: Callable[[str], object] | None = None  # what reads the text; InputError where it cannot
    several: tuple[int, int | None] = (0, None)  # how many values at least and at most, of several


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One parameter as a door shows it."""

    name: str
    type: type[Any]  # int, float, str or bool
    many: bool
    default: Any
    required: bool
    help: str
    unit: str
    choices: tuple[str, ...]
    names: Mapping[str, str]  # a value → what people call it (a message id)
    limits: Limits = Limits()
    private: bool = False  # it tells of somebody: shown inside the office only
    day: tuple[int, int | None] | None = None
    """A day: from so many days after the data's first (a number below 0: from so many before their last) until so many
    after their last."""
    held: str = ""  # the fact of the data that lists which choices they hold
    labels: str = ""  # the kind of adopted labels that its values are names of

    @property
    def flag(self) -> str:
        """The command-line flag: --cell-metres."""
        return as_flag(self.name)


def as_flag(name: str) -> str:
    """A parameter as it is typed: `--cell-metres`."""
    return "--" + name.replace("_", "-")


def number(
    default: Any,
    help: str,
    least: float | None = None,
    most: float | None = None,
    unit: str = "",
    *,
    ends: str = "[]",
    why: str = "",
    several: tuple[int, int | None] = (0, None),
) -> Any:
    """A number, whole or not by the field's type: `least` to `most`, both included; "[)" as `ends` leaves the upper one
    out, "()" both.

    Without `most` there is no upper end. Without either `why` says why, and any finite number is accepted. Of a tuple
    these hold for each, and `several` says how many there may be. A default of None may stay None.
    """
    if (least is None) != bool(why) or (least is None and most is not None):
        raise ValueError("a number has a lower end, or says why it has no range")
    above, below = ends[0] == "(", ends[1] == ")"
    limits = Limits(least=least, most=most, above=above, below=below, why=why, several=several)
    return _made(default, help, unit=unit, limits=limits)


def choice(
    default: Any,
    help: str,
    choices: Mapping[Any, str] | Sequence[Any],
    unit: str = "",
    *,
    held: str = "",
    several: tuple[int, int | None] = (0, None),
) -> Any:
    """One of these, or several where the field is a tuple; a mapping says what people call each (message ids).

    `held` is the fact of the data that lists which of them the data hold.
    """
    names = {str(word): title for word, title in choices.items()} if isinstance(choices, Mapping) else {}
    more: dict[str, Any] = {"choices": tuple(map(str, choices))}
    more |= {"names": names} if names else {}
    more |= {"held": held} if held else {}
    return _made(default, help, unit=unit, limits=Limits(several=several), more=more)


def day(
    default: Any,
    help: str,
    within: tuple[int, int | None] | None = None,
    *,
    several: tuple[int, int | None] = (0, None),
) -> Any:
    """An ISO day such as 2026-03-01; one whose default is "" may be left out.

    `within`: from so many days after the data's first day (below 0: before their last one) to so many after their last.
    """
    limits = Limits(day=True, several=several)
    return _made(default, help, limits=limits, more={} if within is None else {"day": within})


def flag(default: bool, help: str) -> Any:
    """Yes or no."""
    return _made(default, help, limits=Limits())


def text(
    default: Any,
    help: str,
    *,
    letters: int | None = None,
    form: tuple[re.Pattern[str] | None, str] = (None, ""),
    names: Mapping[str, str] = _NOTHING,
    labels: str = "",
    several: tuple[int, int | None] = (0, None),
) -> Any:
    """A text: one line of so many `letters` at most, or in a `form` (the pattern it matches, and what people are told
    is accepted). One whose default is "" may be left out.

    `names`: what people call known values. `labels`: the kind of adopted labels that it names.
    """
    limits = Limits(letters=letters, pattern=form[0], accepted=form[1], several=several)
    more: dict[str, Any] = {"names": names, "labels": labels}
    return _made(default, help, limits=limits, more={name: value for name, value in more.items() if value})


def parsed(
    default: Any,
    help: str,
    reads: Callable[[str], object],
    *,
    private: bool = False,
    several: tuple[int, int | None] = (0, None),
) -> Any:
    """A text that `reads` can read (InputError where it cannot); each by itself, of several.

    `private`: it tells of somebody, and is shown inside the office only.
    """
    more = {"private": True} if private else {}
    return _made(default, help, limits=Limits(reads=reads, several=several), more=more)


def _made(default: Any, help: str, *, limits: Limits, unit: str = "", more: Mapping[str, Any] = _NOTHING) -> Any:
    about = {"help": help, **({"unit": unit} if unit else {}), "limits": limits, **more}
    return dataclasses.field(default=default, metadata=about)


def fields_of(params: type[Any]) -> tuple[Field, ...]:
    """The fields of a params dataclass, in order; what their metadata say is what the constructors above put there."""
    declared: Any = params
    return _fields(declared)


@lru_cache(maxsize=256)
def _fields(params: type[Any]) -> tuple[Field, ...]:
    hints = typing.get_type_hints(params)
    return tuple(_field(field, hints[field.name]) for field in dataclasses.fields(params))


def _field(field: dataclasses.Field[Any], hint: Any) -> Field:
    many = typing.get_origin(hint) is tuple
    inner = typing.get_args(hint)[0] if many else hint
    if typing.get_origin(inner) in (typing.Union, types.UnionType):
        inner = next(a for a in typing.get_args(inner) if a is not type(None))
    default = field.default
    if default is dataclasses.MISSING and field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    required = default is dataclasses.MISSING
    return Field(
        name=field.name,
        type=inner,
        many=many,
        default=None if required else default,
        required=required,
        help=str(field.metadata.get("help", "")),
        unit=str(field.metadata.get("unit", "")),
        choices=tuple(field.metadata.get("choices", ())),
        names=field.metadata.get("names", _NOTHING),
        limits=field.metadata.get("limits", Limits()),
        private=bool(field.metadata.get("private", False)),
        day=field.metadata.get("day"),
        held=str(field.metadata.get("held", "")),
        labels=str(field.metadata.get("labels", "")),
    )


def must_be_within(params: Any) -> None:
    """InputError where a parameter is none of what its field accepts: the first one, by its name.

    >>> from dataclasses import make_dataclass
    >>> Params = make_dataclass("Params", [("periods", int, number(12, "Number of latest periods", 4, 104))])
    >>> must_be_within(Params(periods=105))
    Traceback (most recent call last):
    ...
    peelian.errors.InputError: column periods: out of range. Expected: 4 to 104
    """
    for fault in faults_of(params):
        raise fault


def faults_of(params: Any) -> Iterator[InputError]:
    """Each parameter that is none of what its field accepts."""
    for field in fields_of(type(params)):
        if fault := fault_of(field, getattr(params, field.name)):
            yield fault


def fault_of(field: Field, value: Any) -> InputError | None:
    """What is wrong with the value of a parameter; None: it may be that."""
    if not field.many:
        nothing = value is None or value == ""
        return None if nothing and not field.required and value == field.default else _fault(field, value)
    fewest, most = field.limits.several
    if not isinstance(value, list | tuple) or not fewest <= len(value) <= (len(value) if most is None else most):
        return InputError("out of range", column=field.name, accepted=accepted_by(field))
    return next((fault for one in value if (fault := _fault(field, one))), None)


def _fault(field: Field, value: Any) -> InputError | None:
    """The same of one value."""
    if field.choices:
        if type(value) is bool or not isinstance(value, field.type) or str(value) not in field.choices:
            return InputError("not one of the choices", column=field.name, accepted=", ".join(field.choices))
    elif field.type is bool:
        wrong = InputError("neither yes nor no", column=field.name, accepted="yes, no")
        return None if isinstance(value, bool) else wrong
    elif field.type in NO_NUMBER:
        return _fault_of_a_number(field, value)
    elif not isinstance(value, str):
        return InputError("not a text", column=field.name)
    elif field.limits.day:
        return None if is_day(value) else InputError("not a date", column=field.name, accepted=A_DAY)
    return _fault_of_a_text(field, value)


def _fault_of_a_number(field: Field, value: Any) -> InputError | None:
    limits = field.limits
    wrong, accepted = NO_NUMBER[field.type]
    kinds = int if field.type is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        return InputError(wrong, column=field.name, accepted=accepted)
    if limits.least is None:
        finite = isinstance(value, int) or math.isfinite(value)
        return None if finite else InputError(wrong, column=field.name, accepted=accepted)
    most = math.inf if limits.most is None else limits.most
    inside = (limits.least < value if limits.above else limits.least <= value) and (
        value < most if limits.below or limits.most is None else value <= most
    )
    return None if inside else InputError("out of range", column=field.name, accepted=accepted_by(field))


def _fault_of_a_text(field: Field, value: str) -> InputError | None:
    limits = field.limits
    if limits.letters is not None and (len(value) > limits.letters or not value.isprintable()):
        return InputError("not one short line", column=field.name, accepted=accepted_by(field))
    if limits.pattern and not limits.pattern.fullmatch(value):
        return InputError("not in this form", column=field.name, accepted=limits.accepted)
    if limits.reads:
        try:
            limits.reads(value)
        except InputError as fault:
            return InputError(fault.wrong, column=field.name, accepted=fault.accepted)
    return None


def is_day(value: str) -> bool:
    """Whether a text is a whole ISO day.

    >>> [is_day(told) for told in ("2024-02-29", "2023-02-29", "2024-2-29", "20240229")]
    [True, False, False, False]
    """
    try:
        return bool(_DAY.fullmatch(value) and date.fromisoformat(value))
    except ValueError:
        return False


def accepted_by(field: Field) -> str:
    """What a parameter may be, as people read it, where its choices do not say it; "" where nothing is to be said.

    >>> from dataclasses import make_dataclass
    >>> share = number(0.1, "Share", 0, 1, ends="()")
    >>> shares = number((), "Shares", 0, 1, several=(1, 5))
    >>> made = make_dataclass("Params", [("share", float, share), ("shares", tuple[float, ...], shares)])
    >>> [accepted_by(field) for field in fields_of(made)]
    ['more than 0, less than 1', '1 to 5 values, each: 0 to 1']
    """
    one, (fewest, most) = _one_said(field), field.limits.several
    if not field.many or most is None:
        return one
    values = {"fewest": fewest, "most": most}
    if not one:
        return sentence("%(fewest)d to %(most)d values", **values)
    return sentence("%(fewest)d to %(most)d values, each: %(one)s", **values, one=one)


def _one_said(field: Field) -> str:
    limits = field.limits
    if field.type in NO_NUMBER and limits.least is not None:
        return _range_said(limits, as_it_is=field.name in AS_IT_IS)
    if limits.letters is not None:
        return sentence("one line of at most %(n)d letters", n=limits.letters)
    return limits.accepted


def _range_said(limits: Limits, *, as_it_is: bool) -> str:
    ends: dict[str, Any] = {"low": limits.least, "high": limits.most}
    if as_it_is:
        return sentence("%(low)s to %(high)s", **{name: str(value) for name, value in ends.items()})
    low = "more than %(low).12g" if limits.above else "%(low).12g or more"
    if limits.most is None:
        return sentence(low, low=limits.least)
    if not limits.above and not limits.below:
        return sentence("%(low).12g to %(high).12g", **ends)
    high = "less than %(high).12g" if limits.below else "%(high).12g or less"
    return sentence("%(low)s, %(high)s", low=sentence(low, **ends), high=sentence(high, **ends))
