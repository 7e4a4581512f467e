"""Refuse identifying columns and pseudonyms that look like names; digest pseudonyms."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.measure.coded import Coded
from peelian.measure.table import Table
from peelian.technologies.faces.measure.scores import Digests

_WORDS = frozenset(
    {
        "name", "names", "full_name", "first_name", "last_name", "given_name", "family_name", "surname", "forename",
        "nom", "prenom", "prénom", "nom_de_famille", "alias", "nickname", "dob", "date_of_birth", "birth_date",
        "birthdate", "birthday", "date_de_naissance", "year_of_birth", "birth_year", "address", "home_address",
        "adresse", "street", "postcode", "postal_code", "zip", "zip_code", "phone", "telephone", "téléphone", "mobile",
        "email", "e_mail", "courriel", "ssn", "sin", "nas", "social_insurance_number", "national_id", "passport",
        "passport_number", "licence_number", "license_number", "drivers_licence", "driver_license", "booking_number",
        "fingerprint_number", "case_number", "arrest_number", "mugshot", "photo", "image_url", "latitude", "longitude",
    }
)  # fmt: skip
IDENTIFYING = frozenset(word.replace("_", mark) for word in _WORDS for mark in ("_", " ", "-", ""))
"""Column names that say who a person is. A file that has one is refused whole: the audit never needs them."""

NAME = r"[A-ZÀ-Þ][a-zß-ÿ'’]+([ _.-][A-ZÀ-Þ][a-zß-ÿ'’]*\.?)*[ _.-][A-ZÀ-Þ][a-zß-ÿ'’]+(?s:[_/ .-].*)?"
CONTACT = r"[^@\s]+@[^@\s]+\.[a-z]+|(19|20)\d\d-\d\d-\d\d|\+?\d{1,3}[ -]\(?\d{3}\)?[ -]\d{3}[ -]?\d{4}"
TELLING = re.compile(f"(?:{NAME})|(?:{CONTACT})")
SHARE_OF_NAMES = 0.1  # of the different pseudonyms of a column
NOTHING = -1
"""The digest that stands for "no pseudonym here"."""


def refuse_identifying_columns(text: Table) -> None:
    """InputError where a column of the file names, dates or locates a person: the file must be cut down first.

    >>> from peelian.measure.table import Kind, table
    >>> refuse_identifying_columns(table("t", {"score": (Kind.PERSONAL, ["0.1"])}))
    """
    found = sorted(name for name in text.names if _plain(name) in IDENTIFYING)
    if found:
        raise InputError(
            "the file has a column that identifies a person",
            column=found[0],
            accepted="score files with pseudonyms. Remove such columns and admit the file again",
        )


def pseudonyms(text: Table, column: str) -> Digests:
    """A 64-bit digest per row of `column`; -1 where it is empty. The words themselves are not kept.

    Equal pseudonyms have equal digests in every file, so that scores and subjects can be joined. InputError where the
    values look like names, e-mail addresses, telephone numbers or dates. O(rows), one hash per different value.
    """
    different, index = encoded(text, column)
    _refuse_names(different, text, column, index)
    return _digests(different)[index]


def encoded(text: Table, column: str) -> Coded:
    """The different texts of a column (stripped), and which one stands in each row. O(rows)."""
    return text.column(column).coded().mapped(lambda word: str(word).strip())


def _digests(words: Sequence[str]) -> Digests:
    keyed, made = hashlib.blake2b(digest_size=8, person=b"peelian-faces").copy, bytearray()
    for word in words:
        hashing = keyed()  # half the cost of making each anew
        hashing.update(word.encode())
        made += hashing.digest()
    values = np.frombuffer(made, dtype=">i8").astype(np.int64)
    values[values == NOTHING] = 0
    values[[not word for word in words]] = NOTHING
    return values


def _refuse_names(words: Sequence[str], text: Table, column: str, index: NDArray[np.int32]) -> None:
    telling = [i for i, word in enumerate(words) if TELLING.fullmatch(word)]
    if len(telling) >= 2 and len(telling) >= SHARE_OF_NAMES * len(words):
        row = int(np.flatnonzero(index == telling[0])[0])
        says = sentence(
            "%(n)d of %(all)d values %(n:looks|look) like names, addresses or dates, not pseudonyms",
            n=len(telling),
            all=len(words),
        )
        accepted = "pseudonyms with no meaning outside the file, such as s0042"
        raise InputError(
            says, row=int(text["row"][row]) if "row" in text else row + 1, column=column, accepted=accepted
        )


def _plain(name: str) -> str:
    return re.sub(r"[\s.]+", "_", name.strip().lower())
