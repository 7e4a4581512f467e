"""A params dataclass ↔ command-line flags, web fields, keywords and JSON: one description, drawn by every door."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from peelian.errors import InputError, sentence
from peelian.kernel.model.parameters import NO_NUMBER, fault_of
from peelian.kernel.model.parameters import Field as Field
from peelian.kernel.model.parameters import accepted_by as accepted_by
from peelian.kernel.model.parameters import as_flag as as_flag
from peelian.kernel.model.parameters import fields_of as fields_of


def filled(params: type[Any], texts: Mapping[str, str | Sequence[str]]) -> Any:
    """The params dataclass from texts (flags, web fields): each is read as its field's type.

    Raises InputError naming the field, what it was given (by kind) and what is accepted.
    """
    known = {field.name: field for field in fields_of(params)}
    for name in texts:
        if name not in known:
            raise InputError("unknown parameter", column=name[:60], accepted=", ".join(known))
    missing = [field.name for field in known.values() if field.required and field.name not in texts]
    if missing:
        raise InputError("parameter missing", column=missing[0], accepted=known[missing[0]].help)
    return params(**{name: _read(known[name], given) for name, given in texts.items()})


def faults_in(
    params: type[Any], texts: Mapping[str, str | Sequence[str]], *, check: Callable[[Any], None]
) -> list[InputError]:
    """Everything wrong with these texts, each with its field as `column`; none: `filled` and `check` take them.

    What fields say of one another (`check`) is looked at once each is right by itself.
    """
    known = {field.name: field for field in fields_of(params)}
    faults = [
        InputError("unknown parameter", column=n[:60], accepted=", ".join(known)) for n in texts if n not in known
    ]
    values: dict[str, Any] = {}
    for name, field in known.items():
        try:
            if name in texts or field.required:
                values[name] = _read(field, _given(field, texts))
        except InputError as fault:
            faults.append(fault)
    if len(faults) == 0:
        told = _checked(check, params(**values))
        faults += [told] if told else []
    return faults


def _given(field: Field, texts: Mapping[str, str | Sequence[str]]) -> str | Sequence[str]:
    if field.name not in texts:
        raise InputError("parameter missing", column=field.name, accepted=field.help)
    return texts[field.name]


def _checked(check: Callable[[Any], None], params: Any) -> InputError | None:
    try:
        check(params)
    except InputError as fault:
        return fault
    return None


def from_flags(params: type[Any], flags: Sequence[str]) -> Any:
    """The params dataclass from `--name value` or `--name=value` flags; a repeated flag makes a list.

    Raises InputError as `filled`; its `column` is the flag as it is typed.
    """
    texts: dict[str, list[str]] = {}
    rest = list(flags)
    while rest:
        flag = rest.pop(0)
        if not flag.startswith("--"):
            raise InputError("Unexpected word. Parameters start with --", accepted="--name value")
        name, equals, value = flag[2:].partition("=")
        if not equals:
            if not rest:
                raise InputError("option has no value", column=f"--{name[:60]}", accepted="--name value")
            value = rest.pop(0)
        texts.setdefault(name.replace("-", "_"), []).append(value)
    known = {field.name: field for field in fields_of(params)}
    if stray := sorted(set(texts) - set(known)):
        accepted = ", ".join(field.flag for field in known.values())
        raise InputError("unknown parameter", column=as_flag(stray[0][:60]), accepted=accepted)
    try:
        return filled(params, {name: v if known[name].many else v[-1] for name, v in texts.items()})
    except InputError as fault:
        raise InputError(fault.wrong, column=as_flag(fault.column), accepted=fault.accepted) from None


def _read(field: Field, given: str | Sequence[str]) -> Any:
    """The value of a field from texts; InputError where it is none that the field accepts."""
    if not field.many and not isinstance(given, str):
        raise InputError("only one value expected", column=field.name)
    texts = [part for text in ([given] if isinstance(given, str) else given) for part in text.split(",")]
    read = tuple(_one(field, text.strip()) for text in texts if text.strip()) if field.many else _one(field, str(given))
    if fault := fault_of(field, read):
        raise fault
    return read


def _one(field: Field, text: str) -> Any:
    if field.choices and text not in field.choices:
        raise InputError("not one of the choices", column=field.name, accepted=", ".join(field.choices))
    if field.type is bool:
        if text.lower() not in ("yes", "no", "true", "false", "1", "0"):
            raise InputError("neither yes nor no", column=field.name, accepted="yes, no")
        return text.lower() in ("yes", "true", "1")
    try:
        return field.type(text)
    except ValueError:
        wrong, accepted = NO_NUMBER[field.type]
        raise InputError(wrong, column=field.name, accepted=accepted) from None


def pairs(texts: Sequence[str], column: str) -> dict[str, str]:
    """`name=value` words as a mapping."""
    split = [text.partition("=") for text in texts]
    for name, equals, _ in split:
        if not equals:
            raise InputError(sentence("%(name)s has no value", name=name[:40]), column=column, accepted="name=value")
    return {name: value for name, _, value in split}


def day_of(text: str, column: str) -> date:
    """A day as it was written."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("not a date", column=column, accepted="a date as 2026-03-01") from None


def time_of(text: str, column: str) -> datetime:
    """A time as it was written, with its zone or without."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InputError("not a time", column=column, accepted="a time as 2026-07-01T22:00:00-04:00") from None


def scalar(text: str) -> int | float | str | bool:
    """A fact as it was written: yes or no, a number, or a text."""
    if text in ("yes", "no", "true", "false"):
        return text in ("yes", "true")
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
