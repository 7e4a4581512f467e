"""Other evidence: what a decider considered beside the findings, by kind and reference, or none."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.errors import InputError, sentence

NONE = "none"
KINDS: Mapping[str, str] = {
    "document": "Document or letter",
    "record": "Record of another system",
    "statement": "Statement of a person",
    "visit": "Visit to the place",
    "study": "Study or statistics",
    "advice": "Advice of a specialist",
}
FEWEST_SIGNS, MOST_ITEMS, LONGEST_REFERENCE = 4, 20, 2_000
ACCEPTED = sentence("KIND: reference, one a line, or none. Kinds: %(kinds)s", kinds=", ".join(KINDS))


def stated_evidence(text: str) -> str:
    """What a decision keeps: one line each of kind and reference, or "none". InputError where a line is neither.

    >>> stated_evidence(" Document:  letter of 3 March ")
    'document: letter of 3 March'
    >>> stated_evidence("None")
    'none'
    """
    if text.strip().rstrip(".").casefold() == NONE:
        return NONE
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not 1 <= len(lines) <= MOST_ITEMS:
        raise InputError("other evidence considered missing or too long", accepted=ACCEPTED)
    return "\n".join(map(_stated, lines))


def _stated(line: str) -> str:
    kind, _, reference = (part.strip() for part in line.partition(":"))
    if kind.casefold() not in KINDS:
        raise InputError("other evidence without its kind", accepted=ACCEPTED)
    if not FEWEST_SIGNS <= sum(map(str.isalnum, reference)) <= LONGEST_REFERENCE:
        accepted = sentence("a reference that others can find, from %(n)d letters or digits on", n=FEWEST_SIGNS)
        raise InputError("other evidence without a reference", accepted=accepted)
    return f"{kind.casefold()}: {reference}"


def considered(text: str) -> tuple[tuple[str, str], ...]:
    """Kind and reference of each piece; none where none was considered. What was written before kinds has kind "".

    >>> considered("document: letter of 3 March\\nvisit: the square, 4 May")
    (('document', 'letter of 3 March'), ('visit', 'the square, 4 May'))
    >>> considered("none"), considered("The letter of March.")
    ((), (('', 'The letter of March.'),))
    """
    if text == NONE:
        return ()
    pieces = [line.partition(": ") for line in text.splitlines()]
    if all(kind in KINDS for kind, _, _ in pieces):
        return tuple((kind, reference) for kind, _, reference in pieces)
    return (("", text),)
