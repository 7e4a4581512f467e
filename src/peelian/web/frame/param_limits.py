"""What a parameter may be, as a form draws it and as a program reads it (JSON Schema)."""

from __future__ import annotations

from typing import Any

from peelian.forms import Field, accepted_by, fields_of
from peelian.pictures.panels import Say
from peelian.wording.errors import translated

_TYPES = {int: "integer", float: "number", bool: "boolean", str: "string"}


def drawn_limits(field: Field, say: Say) -> dict[str, Any]:
    """What a form shows of a field's limits: the attributes of its input, and one sentence beside it."""
    limits = field.limits
    one = field.type in (int, float) and not field.many and not field.choices
    return {
        "number": one,
        "whole": field.type is int,
        "least": _plain(limits.least) if one else "",
        "most": _plain(limits.most) if one else "",
        "letters": limits.letters or "",
        "accepted": translated(accepted_by(field), say),
    }


def schema_of(field: Field) -> dict[str, Any]:
    """The JSON Schema of one parameter."""
    one, limits = _schema_of_one(field), field.limits
    if field.many:
        fewest, most = limits.several
        one = {"type": "array", "items": one, "minItems": fewest, **({} if most is None else {"maxItems": most})}
    elif field.default is None and not field.required:
        one["type"] = [one["type"], "null"]
    unit = {"x-unit": field.unit} if field.unit else {}
    default = {} if field.required else {"default": field.default}
    return {**one, "description": field.help, **unit, **default}


def params_schema(params: type[Any]) -> dict[str, Any]:
    """The JSON Schema of all parameters of a use."""
    fields = fields_of(params)
    return {
        "type": "object",
        "properties": {field.name: schema_of(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def _schema_of_one(field: Field) -> dict[str, Any]:
    limits, told = field.limits, {"type": _TYPES[field.type]}
    found: dict[str, Any] = {
        "enum": [field.type(word) for word in field.choices] or None,
        "exclusiveMinimum" if limits.above else "minimum": limits.least,
        "exclusiveMaximum" if limits.below else "maximum": limits.most,
        "format": "date" if limits.day else None,
        "maxLength": limits.letters,
        "pattern": f"^({limits.pattern.pattern}){'' if field.required else '?'}$" if limits.pattern else None,
    }
    return told | {name: value for name, value in found.items() if value is not None}


def _plain(end: float | None) -> str:
    """An end as an attribute of HTML: a plain number."""
    return "" if end is None else f"{end:.12g}"
