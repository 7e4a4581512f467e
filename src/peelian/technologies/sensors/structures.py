"""Decodes JSON by allow-list: an unknown field refuses the message, and only its name is reported."""

from __future__ import annotations

import re
from typing import Any

import msgspec  # the extra `streams`: this module is only imported when messages are decoded

from peelian.errors import InputError, PeelianError
from peelian.technologies.sensors.listing import not_listed, sized

UNKNOWN = re.compile(r"unknown field `(.*?)`(?: - at `\$[^`]*`)?\Z", re.DOTALL)
WHERE = re.compile(r" - at `\$\.?([^`]*)`")


def decoded(decoder: Any, data: bytes, what: str) -> Any:
    """The message as the decoder's structure.

    Refused: it has a field that is not on the list. InputError: it is no JSON, or a value is not what its field says;
    the message names the field and never the value. O(bytes).
    """
    try:
        return decoder.decode(sized(data))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise decoder_error(error, what) from None


def decoder_error(error: Exception, what: str) -> PeelianError:
    """A decoder's error in our words: a refusal for an unlisted field, otherwise an InputError."""
    text = str(error)
    if found := UNKNOWN.search(text):
        return not_listed(found[1], what)
    if isinstance(error, msgspec.ValidationError):
        where = WHERE.search(text)
        return InputError("value does not match its field", column=where[1][:60] if where else what, accepted=what)
    return InputError("not a JSON message", accepted=what)
