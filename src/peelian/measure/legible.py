"""Words that people read: without characters that hide, reorder or imitate others, so that what is read is what it is.

A name that turns the reading direction shows another name than the one that is kept; a letter of another script makes
two units look like one. Checked where names come in (Unicode, UTS 39 and UAX 9, names the dangers).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from peelian.errors import InputError, sentence

LONGEST = 200
SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")
"""Scripts whose letters look like one another."""
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""A text cell that begins so would be run as a formula by a spreadsheet (OWASP, CSV injection)."""
JOINERS = "\u200c\u200d"
"""They join or part letters in Persian and in Indian scripts, and hide nothing there."""
NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c\u200d\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
"""What draws nothing and is no control: Unicode's Default_Ignorable_Code_Point, and the empty sign of Braille."""


def hidden(text: str) -> int:
    """How many characters of `text` are not seen as themselves: controls, bidirectional marks, blanks of no width.

    >>> hidden("Anne-Marie O'Brien"), hidden("Ann\u202eeiraM")
    (0, 1)
    """
    if text.isprintable():
        return 0
    return sum(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") and c not in JOINERS for c in text)


def unseen(text: str) -> bool:
    """Whether a character of a label is not seen: two labels that read the same could then be two people.

    >>> unseen("Riverdale"), unseen("River\u200bdale"), unseen("Riverdale\ufe0f")
    (False, True, True)
    """
    return hidden(text) > 0 or NOTHING.search(text) is not None


def mixed(text: str) -> bool:
    """Whether a word mixes scripts whose letters look like one another.

    >>> mixed("Patrol 2"), mixed("P\u0430trol"), mixed("\u03b1 Centauri"), mixed("\u03f21ty")
    (False, True, False, True)
    """
    if text.isascii():
        return False
    return any(len({script for c in set(word) if (script := _script(c))}) > 1 for word in re.split(r"[\W_]+", text))


def must_be_legible(text: str, what: str, *, one_script: bool = False, longest: int = LONGEST) -> None:
    """InputError where `text` is blank, too long, or not what it seems; `what` names it, and nothing shows it."""
    if not text.strip() or len(text) > longest:
        says = sentence("the %(what)s is empty or too long", what=sentence(what))
        raise InputError(says, column=what, accepted=sentence("1 to %(most)d characters", most=longest))
    if hidden(text):
        holds = "the %(what)s holds characters that cannot be seen or that turn the reading direction"
        says = sentence(holds, what=sentence(what))
        raise InputError(says, column=what, accepted="letters, digits, blanks and punctuation")
    if one_script and mixed(text):
        says = sentence(
            "a word of the %(what)s mixes letters of different scripts that look alike", what=sentence(what)
        )
        raise InputError(says, column=what, accepted="words of one script each")


def harmless(cell: Any) -> Any:
    """A cell of a CSV file as it may be written: a text that a spreadsheet would run is marked as text.

    >>> harmless("=1+1"), harmless("Riverdale"), harmless(-2)
    ("'=1+1", 'Riverdale', -2)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell


def _script(character: str) -> str:
    name = unicodedata.name(character, "") if character.isalpha() else ""
    return next((script for script in SCRIPTS if name.startswith(script)), "")
