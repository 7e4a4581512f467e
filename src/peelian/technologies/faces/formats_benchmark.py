"""File formats of a trial: benchmark images and the consent manifest."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from peelian.errors import InputError, sentence
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Kind, Table, table
from peelian.technologies.faces.formats.identity import IDENTIFYING, NOTHING, pseudonyms
from peelian.technologies.faces.formats.reading import admissible, refuse_where, row_of, texts
from peelian.technologies.faces.formats.shapes import BENCHMARK, CONSENT

SHA256 = re.compile(r"[0-9a-f]{64}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _benchmark(text: Table, options: Mapping[str, str]) -> Admitted:
    admissible(text)
    subject = pseudonyms(text, "subject")
    refuse_where(text, subject == NOTHING, "subject missing", column="subject", accepted="a pseudonym")
    made = table(
        BENCHMARK,
        {
            "subject": (Kind.PSEUDONYM, subject),
            "sha256": (Kind.DIGEST, np.array(_matching(text, "sha256", SHA256, "64 hexadecimal digits"), dtype=object)),
            "image": (Kind.PERSONAL, np.array(texts(text["image"]), dtype=object)),
        },
    )
    return Admitted(table=made, facts={"images": len(made), "subjects": len(np.unique(subject))})


def _consent(text: Table, options: Mapping[str, str]) -> Admitted:
    admissible(text)
    reference = pseudonyms(text, "consent_ref")
    missing, accepted = "consent reference missing", "number of the signed consent"
    refuse_where(text, reference == NOTHING, missing, column="consent_ref", accepted=accepted)
    digests = _matching(text, "sha256", SHA256, "64 hexadecimal digits")
    if len(set(digests)) < len(digests):
        raise InputError("image listed twice", column="sha256", accepted="one row per image")
    days = _matching(text, "until", DAY, "a date such as 2026-12-31")
    made = table(
        CONSENT,
        {
            "sha256": (Kind.DIGEST, np.array(digests, dtype=object)),
            "consent_ref": (Kind.PSEUDONYM, reference),
            "until": (Kind.TIME, np.array(days, dtype="datetime64[D]")),
        },
    )
    return Admitted(table=made, facts={"images": len(made)})


def _matching(text: Table, column: str, shape: re.Pattern[str], accepted: str) -> list[str]:
    words = texts(text[column])
    for at, word in enumerate(words):
        if not shape.fullmatch(word):
            says = sentence("text of %(n)d characters not expected here", n=len(word))
            raise InputError(says, row=row_of(text, at), column=column, accepted=accepted)
    return words


FORMATS = (
    Format(
        id="peelian-benchmark",
        title="Benchmark images: subject pseudonym, SHA-256, image (base64)",
        shape=BENCHMARK,
        required=frozenset({"subject", "sha256", "image"}),
        columns=frozenset({"subject", "sha256", "image"}) | (IDENTIFYING - {"image"}),
        convert=_benchmark,
    ),
    Format(
        id="peelian-consent",
        title="Consent manifest: SHA-256 of each image, consent reference, last day",
        shape=CONSENT,
        required=frozenset({"sha256", "consent_ref", "until"}),
        columns=frozenset({"sha256", "consent_ref", "until"}) | IDENTIFYING,
        convert=_consent,
    ),
)
