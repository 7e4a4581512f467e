"""Told errors: an error as plain values, so that another process or a later day can say it in either language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peelian.errors import (
    ColumnMissing,
    DiskError,
    DiskFull,
    DiskReadOnly,
    InputError,
    IntegrityError,
    KeyLocked,
    NotEnoughData,
    OfficeShut,
    OutOfOrder,
    PeelianError,
    Reason,
    Refused,
    Sentence,
    Unreachable,
    Unsure,
    Withheld,
    enumerated,
    sentence,
)

_SAID: Mapping[str, type[PeelianError]] = {kind.__name__: kind for kind in (OutOfOrder, KeyLocked, Unreachable, Unsure)}
_DAMAGED: Mapping[str, type[IntegrityError]] = {
    kind.__name__: kind for kind in (IntegrityError, OfficeShut, DiskError, DiskFull, DiskReadOnly)
}
_WRONG: Mapping[str, type[InputError]] = {kind.__name__: kind for kind in (InputError, NotEnoughData, ColumnMissing)}
_REASONED: Mapping[str, type[Refused | Withheld]] = {"Refused": Refused, "Withheld": Withheld}
_PLACES = ("file", "row", "column")


def plain(told: object) -> object:
    """A sentence by its message and values, so that it can be said in another language later."""
    if not isinstance(told, Sentence):
        return told
    if told.parts:
        return {"parts": [plain(part) for part in told.parts]}
    return {"text": told.text, "values": {name: plain(value) for name, value in told.values.items()}}


def sentence_from(kept: Any) -> Any:
    """The sentence that `plain` took apart; anything else as it is."""
    if not isinstance(kept, Mapping):
        return kept
    if "parts" in kept:
        return enumerated(sentence_from(part) for part in kept["parts"])
    return sentence(kept["text"], **{name: sentence_from(value) for name, value in kept["values"].items()})


def error_as_values(error: PeelianError) -> dict[str, Any]:
    """What went wrong as plain values, which `raised` raises again."""
    head: dict[str, Any] = {"error": type(error).__name__, "says": plain(error.args[0] if error.args else "")}
    if isinstance(error, (Refused, Withheld)):
        head["reasons"] = [
            {name: plain(getattr(one, name)) for name in ("rule", "says", "remedy", "policy", "field")}
            for one in error.reasons
        ]
    if isinstance(error, IntegrityError):
        head |= {"of": error.of}
    if isinstance(error, InputError):
        head |= {"wrong": plain(error.wrong), "accepted": plain(error.accepted)}
        head |= {name: getattr(error, name) for name in _PLACES}
    return head


def raised(head: Mapping[str, Any]) -> PeelianError:
    """The error that was told; a plain PeelianError where it cannot be read."""
    name = str(head.get("error", ""))
    try:
        if name in _REASONED:
            return _REASONED[name]([Reason(**{k: sentence_from(v) for k, v in one.items()}) for one in head["reasons"]])
        if name in _WRONG:
            places = {name: head[name] for name in _PLACES}
            return _WRONG[name](sentence_from(head["wrong"]), accepted=sentence_from(head["accepted"]), **places)
        if name in _DAMAGED:
            return _DAMAGED[name](sentence_from(head["says"]), of=str(head.get("of", "")))
        return _SAID.get(name, PeelianError)(sentence_from(head["says"]))
    except (KeyError, TypeError, ValueError):
        return PeelianError("the error that was told cannot be read")
