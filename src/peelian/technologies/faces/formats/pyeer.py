"""Files of pyeer: genuine and impostor scores, impostor histograms, and candidate lists."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from peelian.errors import InputError
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Kind, Table, table
from peelian.technologies.faces.declared import CANDIDATES, HISTOGRAM, MATES, SCORES
from peelian.technologies.faces.formats.identity import pseudonyms
from peelian.technologies.faces.formats.parts import Part, in_parts
from peelian.technologies.faces.formats.reading import admissible, candidates, finite, option, whole, without_header
from peelian.technologies.faces.formats.shapes import ScoreColumns

KINDS = ("genuine", "impostor")
KIND = {"kind": "genuine (comparisons of one person) or impostor (comparisons of two people)"}
MOST_COLUMNS = 9


def _scores(text: Table, options: Mapping[str, str]) -> Part:
    kind = option(options, "kind", KINDS)
    text, header = without_header(text)
    last = max((name for name in text.names if name != "row" and bool((text[name] != "").any())), default="1")
    score = finite(text, last, accepted="a score in the last column", hint="The score must be in the last column")
    none = np.zeros(len(text), dtype=np.bool_)
    columns = ScoreColumns(score=score, genuine=np.full(len(text), kind == "genuine"), failed=none)
    return Part(columns=columns, dropped=header)


def _histogram(text: Table, options: Mapping[str, str]) -> Admitted:
    """One count per line; the line's position, from 0, is the score (pyeer's `-ht`)."""
    kind = option(options, "kind", KINDS, default="impostor")
    admissible(text)
    n = whole(text, "1", least=0, accepted="one whole number per line: the number of comparisons with that score")
    if not n.any():
        raise InputError("histogram is empty", accepted="at least one comparison")
    held = np.flatnonzero(n)
    made = table(
        HISTOGRAM,
        {
            "genuine": (Kind.COUNT, np.full(len(held), int(kind == "genuine"), dtype=np.int8)),
            "score": (Kind.AMOUNT, held.astype(np.float64)),
            "n": (Kind.COUNT, n[held]),
        },
    )
    return Admitted(table=made, facts={"comparisons": int(n.sum()), "bins": len(held)})


def _candidates(text: Table, options: Mapping[str, str]) -> Admitted:
    """pyeer's `query template score`: every template's score, without ranks; ranks follow from the scores."""
    text, header = without_header(text)
    return candidates(text, {"search": "1", "candidate": "2", "score": "3"}, options, header)


def _mates(text: Table, options: Mapping[str, str]) -> Admitted:
    """`query true_template`; a query whose template is "-" is a search of somebody who is not enrolled."""
    text, header = without_header(text)
    admissible(text)
    search, mate = pseudonyms(text, "1"), pseudonyms(text, "2")
    enrolled = np.array([str(word).strip() not in ("", "-") for word in text["2"].tolist()], dtype=np.int8)
    made = table(
        MATES,
        {
            "search": (Kind.PSEUDONYM, search),
            "mate": (Kind.PSEUDONYM, mate),
            "mated": (Kind.COUNT, enrolled),
        },
    )
    return Admitted(table=made, facts={"searches": len(np.unique(search))}, dropped=header)


FORMATS = (
    Format(
        id="pyeer-scores",
        title="pyeer: one comparison per line, score last, genuine and impostor in two files",
        shape=SCORES,
        required=frozenset({"1"}),
        columns=frozenset(str(i) for i in range(1, MOST_COLUMNS + 1)),
        stream=in_parts(_scores),
        options=KIND,
        kinds=("columns",),
    ),
    Format(
        id="pyeer-histogram",
        title="pyeer: histogram, one count per line, line position = score",
        shape=HISTOGRAM,
        required=frozenset({"1"}),
        columns=frozenset({"1"}),
        convert=_histogram,
        options=KIND,
        kinds=("columns",),
    ),
    Format(
        id="pyeer-candidates",
        title="pyeer: query, template and score of every candidate",
        shape=CANDIDATES,
        required=frozenset({"1", "2", "3"}),
        columns=frozenset({"1", "2", "3"}),
        convert=_candidates,
        options={"gallery": "Number of people in the gallery"},
        kinds=("columns",),
    ),
    Format(
        id="pyeer-true-pairs",
        title="pyeer: query and its true template (- where the person is not enrolled)",
        shape=MATES,
        required=frozenset({"1", "2"}),
        columns=frozenset({"1", "2"}),
        convert=_mates,
        kinds=("columns",),
    ),
)
