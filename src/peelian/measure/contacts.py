"""E-mail addresses and telephone numbers in a text that is to be published.

What has the shape of a number of North America, of France, of other countries with + or a leading 0, or follows a word
such as "tel.". Days, case numbers and amounts are none. A number of seven digits alone, a name and what is disguised
are not found: whoever writes still has to look.
"""

from __future__ import annotations

import re
import unicodedata

from peelian.errors import InputError

EMAIL = re.compile(r"[\w.%+'-] ?@ ?(?:[\w-]{1,63}+\.)+[^\W\d_]{2}")
DAY = re.compile(r"(?<![\d./-])(?:\d{4}([./-])\d\d?\1\d\d?|\d\d?([./-])\d\d?\2(?:\d{4}|\d\d))(?![./-]?\d)")
_BEGINS, _ENDS = r"(?<!\w)(?<!\d[.,-])", r"(?!\d)(?![.,-]\d)"
_WORDS = "tel|tél|phone|telephone|téléphone|cell|cellular|cellulaire|mobile|fax|télécopieur"
TELEPHONE = (
    re.compile(rf"{_BEGINS}(?:\([2-9]\d\d\)[ .-]?|[2-9]\d\d[ ./-])[2-9]\d\d[ .-]\d{{4}}{_ENDS}"),  # 416-555-0199
    re.compile(
        r"(?<![\w$€£])(?!20[0-3]\d)[2-9]\d\d[2-9]\d{6}(?!\w)(?![.,-]\d)(?! ?[$€£])"
    ),  # 4165550199, no year in front
    re.compile(rf"{_BEGINS}1[ .-](?:\(\d{{3}}\) ?|\d{{3}}[ .-])\d{{3}}[ .-]\d{{4}}{_ENDS}"),  # 1-416-555-0199
    re.compile(rf"{_BEGINS}0[1-9](?:[ .-]\d\d){{4}}{_ENDS}"),  # 06 12 34 56 78
    re.compile(
        rf"{_BEGINS}(?<!\d )\(?0[1-9]\d{{0,3}}\)? (?!(?:19|20)\d\d )\d{{3,4}} \d{{3,4}}{_ENDS}"
    ),  # 020 7946 0958
    re.compile(r"\+\(?\d(?:[ .()/-]{0,2}\d){9,14}(?!\d)"),  # +44 20 7946 0958
    re.compile(
        rf"(?<!\w)(?:{_WORDS})(?: (?:number|no|numéro|n°))?[ .:=]{{0,5}}\(?\d(?:[ .()/-]{{0,2}}\d){{6,14}}(?!\d)", re.I
    ),
)


def contact_in(text: str) -> str:
    """What contact detail a text holds: "e-mail address", "telephone number" or "". O(characters).

    >>> contact_in("Contact John Smith at 416-555-0199"), contact_in("Write to j.smith@town.example")
    ('telephone number', 'e-mail address')
    >>> contact_in("Case 2024-004165, 12 of 1,234,567 on 2024-05-31: $416,555.01")
    ''
    """
    plain = _plain(text)
    if EMAIL.search(plain):
        return "e-mail address"
    plain = DAY.sub("day", plain)
    return "telephone number" if any(shape.search(plain) for shape in TELEPHONE) else ""


def must_hold_no_contact(text: str) -> None:
    """InputError where a text for the public holds an e-mail address or a telephone number; nothing shows it."""
    found = contact_in(text)
    if found:
        says = {
            "e-mail address": "an e-mail address in a text that is published",
            "telephone number": "a telephone number in a text that is published",
        }[found]
        raise InputError(says, accepted="a text without e-mail addresses and telephone numbers")


def _plain(text: str) -> str:
    """Letters and signs by their usual character: wide digits, dashes and blanks of other widths; no unseen marks."""
    return "".join(_usual(sign) for sign in unicodedata.normalize("NFKC", text))


def _usual(sign: str) -> str:
    if sign.isascii():
        return sign
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    return {"Pd": "-", "Zs": " ", "Cf": ""}.get(unicodedata.category(sign), sign)
