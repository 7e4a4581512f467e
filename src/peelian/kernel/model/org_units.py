"""Organizational units: the log's word for one, and whether two names mean the same unit.

Two people of different units agree on what takes two. So a unit does not become another one by a blank, a capital, an
accent, a dash, or a letter or digit that looks like another: where two names can be taken for each other, they are one.
"""

from __future__ import annotations

import re
import unicodedata

NO_WORD = "unit"
MOST_READ = 1_000  # characters: to put marks over a letter in order takes the square of their number
_CYRILLIC = (
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u051d"
)
_GREEK = "\u03b1\u03b2\u03b5\u03b9\u03b7\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03c2"
"""The last stands for the lunate sigma, which NFKD makes a final one."""
_LOOK_LATIN = str.maketrans(_CYRILLIC + _GREEK, "abekmhopctyxijsdqwabeihkmnoptyxc")
_LOOK_ALIKE = str.maketrans("0125i8", "olzslb")
_NAMED = re.compile(r"\b([A-Z]|AE|OE|ALPHA|IOTA|UPSILON|GAMMA|DENTAL CLICK)\b")
_LOOK_NAMED = {"ALPHA": "a", "IOTA": "i", "UPSILON": "u", "GAMMA": "y", "DENTAL CLICK": "l"}


def log_word(text: str) -> str:
    """A unit's name as one word of the log: small letters, digits and dashes.

    >>> log_word("Oversight board, 2nd"), log_word("Sécurité publique")
    ('oversight-board-2nd', 'securite-publique')
    """
    return _one_word(_plain(text[:MOST_READ]))


def same_unit(one: str, other: str) -> bool:
    """Whether two units, each by its name or by its word in the log, are one.

    >>> same_unit("Board ", "board"), same_unit("B0ard", "board"), same_unit("city-it", "City IT")
    (True, True, True)
    >>> same_unit("board", "council"), same_unit("District 1", "District 2")
    (False, False)
    """
    return bool(_seen_as(one) & _seen_as(other))


def _seen_as(text: str) -> set[str]:
    before = _one_word(
        text.lower()
    )  # as the log spelled it while accents were dropped; of other scripts it left nothing
    words = {log_word(text), log_word(_in_plain_letters(text))} | ({before} - {NO_WORD})
    bare = (word.replace("-", "").translate(_LOOK_ALIKE) for word in words)
    return {word.replace("rn", "m").replace("vv", "w") for word in bare}


def _in_plain_letters(text: str) -> str:
    """Latin letters of phonetic alphabets, small capitals and stroked ones as the letters that they look like."""
    return "".join(one if one.isascii() else _plain_letter(one) for one in text[:MOST_READ])


def _plain_letter(one: str) -> str:
    kind, _, rest = unicodedata.name(one, "").partition("LETTER ")
    found = _NAMED.search(rest) if kind.startswith("LATIN") else None
    return _LOOK_NAMED.get(found[0], found[0]) if found else one


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in parts if not unicodedata.combining(one)).translate(_LOOK_LATIN)


def _one_word(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")[:60] or NO_WORD
