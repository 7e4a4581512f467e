"""Read the scores of two matchers on the same comparisons."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Kind, Table, Values, table
from peelian.technologies.faces.declared import PAIRS
from peelian.technologies.faces.formats.identity import IDENTIFYING, pseudonyms
from peelian.technologies.faces.formats.reading import (
    admissible,
    finite_scores,
    numbers,
    one_of,
    refuse_contradictions,
    texts,
    yes_or_no,
)
from peelian.technologies.faces.formats.shapes import group_labels, labels_as_fact

REQUIRED = ("kind", "probe_subject", "ref_subject", "score", "score_2")
FAILURES = ("failure_to_enrol", "failure_to_enrol_2")
SIDES = ("probe_group", "ref_group")


def _pairs(text: Table, options: Mapping[str, str]) -> Admitted:
    """Both scores of each comparison, nan where a matcher could not make it. O(rows)."""
    admissible(text)
    genuine = one_of(text, "kind", {"genuine": 1, "impostor": 0}) == 1
    probe, ref = (pseudonyms(text, side) for side in ("probe_subject", "ref_subject"))
    refuse_contradictions(text, genuine, probe, ref)
    made: dict[str, tuple[Kind, Values]] = {
        "genuine": (Kind.COUNT, genuine.astype(np.int8)),
        "probe": (Kind.PSEUDONYM, probe),
        "ref": (Kind.PSEUDONYM, ref),
    }
    for name, failure, failed in zip(("score", "score_2"), FAILURES, ("failed", "failed_2"), strict=True):
        lost = yes_or_no(text, failure) if failure in text else np.zeros(len(text), dtype=np.bool_)
        score = numbers(text, name, accepted="a number")
        finite_scores(text, score, lost, name)
        made |= {name: (Kind.AMOUNT, np.where(lost, np.nan, score)), failed: (Kind.COUNT, lost.astype(np.int8))}
    facts: dict[str, int | str] = {"comparisons": len(text), "genuine": int(genuine.sum())}
    if all(side in text for side in SIDES):
        labels = {side: np.array(group_labels(texts(text[side]), side), dtype=object) for side in SIDES}
        made |= {side: (Kind.GROUP, words) for side, words in labels.items()}
        facts["groups"] = labels_as_fact(
            sorted({str(word) for words in labels.values() for word in set(words.tolist())})
        )
    return Admitted(table=table(PAIRS, made), facts=facts)


FORMATS = (
    Format(
        id="face-score-pair",
        title="Two matchers on the same comparisons: kind, subject pseudonyms, score, score_2",
        shape=PAIRS,
        required=frozenset(REQUIRED),
        columns=frozenset({*REQUIRED, *FAILURES, *SIDES, "probe_id", "ref_id"}) | IDENTIFYING,
        convert=_pairs,
        numbers=frozenset({"score", "score_2"}),
    ),
)
