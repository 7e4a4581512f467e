"""Read a log of face searches as tallies: no row of the file, no date and no free text is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Note, Scalar
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.categories import CATEGORIES, OTHER_REPORTED
from peelian.measure.table import Kind, Table, Values, table
from peelian.technologies.faces.declared import LOG
from peelian.technologies.faces.formats.identity import IDENTIFYING, encoded, refuse_identifying_columns
from peelian.technologies.faces.formats.reading import admissible, refuse_where, row_of, texts, whole, yes_or_no
from peelian.technologies.faces.formats.shapes import group_labels, labels_as_fact
from peelian.technologies.faces.search_log.declared import (
    BAND_ENDS,
    BANDS,
    KEPT,
    NO_UNIT,
    OFFENCES,
    OTHER_PURPOSE,
    OUTCOMES,
    PURPOSES,
    TOGETHER,
    VERDICTS,
)

_WORDS = (
    "probe", "probe_id", "probe_image", "probe_subject", "image", "image_id", "candidate", "candidate_id",
    "candidate_name", "ref_id", "subject", "subject_id", "suspect", "suspect_name", "person", "person_id", "officer",
    "officer_id", "officer_name", "badge", "badge_number", "analyst", "analyst_id", "analyst_name", "operator",
    "requester", "requested_by", "user", "user_id", "username", "search_id", "occurrence_number", "file_number",
    "incident_number", "report_number", "agent", "agent_id", "matricule", "personne", "enquêteur",
)  # fmt: skip
TELLING = frozenset(word.replace("_", mark) for word in _WORDS for mark in ("_", " ", "-", "")) | IDENTIFYING
"""Columns that say who was searched for, who searched, or which case it was. A file that has one is refused."""
LEAST_SEARCHES = 20  # of a unit, before it is put with others: as for any label of the town's own naming


QUARTER = re.compile(r"(\d{4})[\s-]?[QT]([1-4])|[QT]([1-4])[\s-](\d{4})", re.IGNORECASE)
DATE = re.compile(r"(\d{4})-(\d{2})(-\d{2})?([T ].*)?")

TALLIED = "Rows were counted into tallies at import. Dates became quarters. No row was kept."
OTHER_TEXTS = (
    "%(n)d %(n:search states|searches state) a purpose in other words. %(n:It counts|They count) as “other purpose”; "
    "the words were not kept."
)
UNKNOWN_OFFENCES = (
    "%(n)d %(n:search has|searches have) an offence class of no known category. %(n:It counts|They count) as other "
    "reported incidents."
)
UNITS_TOGETHER = "%(n)d %(n:unit|units) with fewer than %(least)d searches %(n:was|were) put together as “other”."
MESSAGES = (TALLIED, OTHER_TEXTS, UNKNOWN_OFFENCES, UNITS_TOGETHER)


def _log(text: Table, options: Mapping[str, str]) -> Admitted:
    """Tallies by quarter, unit, offence, purpose, candidates, verdict, corroboration and outcome. O(rows)."""
    _refuse_telling(text)
    admissible(text)
    n = whole(text, "n", least=1, accepted="number of searches") if "n" in text else np.ones(len(text), dtype=np.int64)
    unit, together = _units(text, n)
    purpose, offence = _purposes(text), _offences(text)
    columns: dict[str, tuple[Kind, Values]] = {
        "quarter": (Kind.TIME, _quarters(text)),
        "unit": (Kind.GROUP, unit),
        "offence": (Kind.CATEGORY, offence[0]),
        "purpose": (Kind.GROUP, purpose),
        "returned": (Kind.GROUP, _bands(text)),
        "verdict": (Kind.GROUP, _kept(text, "analyst_verdict", VERDICTS)),
        "corroborated": (Kind.COUNT, yes_or_no(text, "corroboration").astype(np.int8)),
        "outcome": (Kind.GROUP, _kept(text, "outcome", OUTCOMES)),
    }
    made = _tallied(columns, n)
    counts = (int(n[purpose == OTHER_PURPOSE].sum()), int(n[offence[1]].sum()), together)
    notes = [Note(text=TALLIED, kind="explanation")]
    notes += [
        Note(text=says, values={"n": k} | ({"least": LEAST_SEARCHES} if says is UNITS_TOGETHER else {}), kind="caveat")
        for says, k in zip((OTHER_TEXTS, UNKNOWN_OFFENCES, UNITS_TOGETHER), counts, strict=True)
        if k
    ]
    facts: dict[str, Scalar] = {"searches": int(n.sum()), "groups": labels_as_fact(sorted(set(unit.tolist())))}
    return Admitted(table=made, facts=facts, notes=tuple(notes))


def _refuse_telling(text: Table) -> None:
    """InputError where a column says who was searched for or who searched."""
    refuse_identifying_columns(text)
    found = sorted(name for name in text.names if re.sub(r"[\s.-]+", "_", name.strip().lower()) in TELLING)
    if found:
        raise InputError(
            "the file has a column that may tell who was searched for, who searched, or which case it was",
            column=found[0],
            accepted="a search log without such columns. Remove them and admit the file again",
        )


def _quarters(text: Table) -> NDArray[np.datetime64]:
    """The first month of each row's quarter, from `quarter` or else from `date`."""
    name = next((name for name in ("quarter", "date") if name in text), "")
    if not name:
        raise InputError("no quarter and no date", accepted="a column quarter (2024-Q1) or date (2024-03-31)")
    words, index = encoded(text, name)
    months = []
    for i, word in enumerate(words):
        month = _month_of(word)
        if month is None:
            at = int(np.flatnonzero(index == i)[0])
            says = sentence("text of %(n)d characters is neither a quarter nor a date", n=len(word))
            raise InputError(says, row=row_of(text, at), column=name, accepted="2024-Q1 or 2024-03-31")
        months.append(month)
    return np.array(months, dtype="datetime64[M]")[index]


def _month_of(word: str) -> str | None:
    if found := QUARTER.fullmatch(word):
        year, quarter = (found[1], found[2]) if found[1] else (found[4], found[3])
        return f"{year}-{3 * int(quarter) - 2:02d}"
    if (found := DATE.fullmatch(word)) and 1 <= int(found[2]) <= 12:
        return f"{found[1]}-{3 * ((int(found[2]) - 1) // 3) + 1:02d}"
    return None


def _units(text: Table, n: NDArray[np.int64]) -> tuple[Values, int]:
    """The unit of each row, and how many units were put together because they made few searches."""
    labels = group_labels(texts(text["unit"]), "unit") if "unit" in text else [NO_UNIT] * len(text)
    words, index = np.unique(np.array(labels, dtype=str), return_inverse=True)
    few = np.bincount(index, weights=n) < LEAST_SEARCHES
    few &= words != NO_UNIT
    kept = np.where(few, TOGETHER, words).astype(object)
    return kept[index], int(few.sum())


def _purposes(text: Table) -> Values:
    words, index = encoded(text, "purpose")
    return np.array([PURPOSES.get(word.lower(), OTHER_PURPOSE) for word in words], dtype=object)[index]


def _offences(text: Table) -> tuple[Values, NDArray[np.bool_]]:
    """The general category of each row's offence class, and which rows state one that is of no known category."""
    if "offence_class" not in text:
        return np.full(len(text), OTHER_REPORTED, dtype=object), np.zeros(len(text), dtype=np.bool_)
    words, index = encoded(text, "offence_class")
    plain = [re.sub(r"[\s_-]+", " ", word.lower()) for word in words]
    found = [OFFENCES.get(word, word.replace(" ", "_")) for word in plain]
    titles = {known.title.lower(): known.word for known in CATEGORIES.values()}
    found = [titles.get(word, each) for word, each in zip(plain, found, strict=True)]
    known = np.array([word in CATEGORIES for word in found])
    return np.where(known, np.array(found, dtype=object), OTHER_REPORTED)[index], ~known[index]


def _bands(text: Table) -> Values:
    returned = whole(text, "candidates_returned", least=0, accepted="number of candidates returned, 0 for none")
    return np.array(BANDS, dtype=object)[np.searchsorted(BAND_ENDS, returned)]


def _kept(text: Table, column: str, known: Mapping[str, str]) -> Values:
    """The column in the audit's own words; InputError names the accepted ones, never the word that stands there."""
    words, index = encoded(text, column)
    for i, word in enumerate(words):
        if word.lower() not in known:
            wrong = np.asarray(index == i, dtype=np.bool_)
            says = sentence("text of %(n)d characters is not one of the accepted words", n=len(word))
            refuse_where(text, wrong, says, column=column, accepted=", ".join(w for w in known if w))
    return np.array([known[word.lower()] for word in words], dtype=object)[index]


def _tallied(columns: Mapping[str, tuple[Kind, Values]], n: NDArray[np.int64]) -> Table:
    """One row for each combination that occurs, with its number of searches."""
    codes = [np.unique(_sortable(values), return_inverse=True)[1] for _, values in columns.values()]
    _, first, where = np.unique(np.column_stack(codes), axis=0, return_index=True, return_inverse=True)
    made = {name: (kind, values[first]) for name, (kind, values) in columns.items()}
    counts = np.bincount(where.ravel(), weights=n).astype(np.int64)
    return table(LOG, {**made, "n": (Kind.COUNT, counts)})


def _sortable(values: Values) -> Values:
    return values.astype(str) if values.dtype.kind == "O" else values


REQUIRED: Sequence[str] = ("purpose", "candidates_returned", "analyst_verdict", "corroboration", "outcome")
FORMATS = (
    Format(
        id="face-search-log",
        title="Search log: quarter or date, unit, purpose, offence class, candidates, verdict, corroboration, outcome",
        shape=LOG,
        required=frozenset(REQUIRED),
        columns=frozenset({*REQUIRED, "quarter", "date", "unit", "offence_class", "n"}) | TELLING,
        convert=_log,
        words=KEPT | {TOGETHER, NO_UNIT},
    ),
)
