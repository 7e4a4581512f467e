"""Peelian's score, candidate, subject and histogram files, candidate lists, and NIST's 2020 table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from peelian.errors import sentence
from peelian.kernel.model.formats import Admitted, Dropped, Format
from peelian.measure.coded import Coded
from peelian.measure.table import Kind, Table, Values, table
from peelian.technologies.faces.declared import BOUNDS, CANDIDATES, HISTOGRAM, PUBLISHED, REVIEWS, SCORES, SUBJECTS
from peelian.technologies.faces.formats.identity import IDENTIFYING, NOTHING, encoded, pseudonyms
from peelian.technologies.faces.formats.parts import Part, in_parts
from peelian.technologies.faces.formats.reading import (
    admissible,
    candidates,
    finite,
    finite_scores,
    numbers,
    one_of,
    refuse_contradictions,
    refuse_where,
    texts,
    whole,
    without,
    without_header,
    yes_or_no,
)
from peelian.technologies.faces.formats.shapes import (
    ScoreColumns,
    admitted_subjects,
    age_band,
    group_labels,
    labels_as_fact,
    sex,
)
from peelian.technologies.faces.measure.covariates import SOURCES, binned
from peelian.technologies.faces.measure.scores import Flags

LABELS = {"1": 1, "1.0": 1, "true": 1, "genuine": 1, "0": 0, "0.0": 0, "-1": 0, "-1.0": 0, "false": 0, "impostor": 0}
KINDS = {"genuine": 1, "impostor": 0, "mated": 3, "nonmated": 2}
OWN = frozenset(
    {
        "kind", "probe_id", "ref_id", "probe_subject", "ref_subject", "score", "gallery_n", "rank",
        "failure_to_enrol", "probe_group", "ref_group", "quality", "lapse_years", "image_source",
    }
)  # fmt: skip
SEARCH_ROWS = "Candidate list row. Admit the file as peelian-candidates"
COMPARISON_ROWS = "Comparison row. Admit the file as peelian-scores"
ITSELF = "Image compared with itself"
LIST = ("search_id", "rank", "candidate_id", "score")
NIST_COLUMNS = ("MW_MB", "MW_MW", "MB_MB", "MB_MW", "FW_FB", "FW_FW", "FB_FB", "FB_FW")


def _scores(text: Table, options: Mapping[str, str]) -> Part:
    text, other = without(text, one_of(text, "kind", KINDS) < 2, SEARCH_ROWS)
    text, itself = _without_itself(text)
    genuine = one_of(text, "kind", KINDS) == 1
    failed = yes_or_no(text, "failure_to_enrol") if "failure_to_enrol" in text else np.zeros(len(text), dtype=np.bool_)
    score = numbers(text, "score", accepted="a number")
    finite_scores(text, score, failed, "score")
    probe, ref = (pseudonyms(text, side) if side in text else None for side in ("probe_subject", "ref_subject"))
    if probe is not None and ref is not None:
        refuse_contradictions(text, genuine, probe, ref)
    columns = ScoreColumns(
        score=np.where(failed, np.nan, score),
        genuine=genuine,
        failed=failed,
        probe=probe,
        ref=ref,
        probe_group=_labels(text, "probe_group"),
        ref_group=_labels(text, "ref_group"),
        covariates=_covariates(text),
    )
    return Part(columns=columns, dropped=other + itself)


def _covariates(text: Table) -> dict[str, NDArray[np.int8]]:
    """Bins of image quality (0 to 100), years between the images and image source, as far as the file has them."""
    found = {}
    for name, column, most in (("quality", "quality", 100.0), ("lapse", "lapse_years", 120.0)):
        if column in text:
            accepted = sentence("a number from 0 to %(most)d, or empty", most=int(most))
            values = numbers(text, column, accepted=accepted)
            wrong = np.isfinite(values) & ~((values >= 0) & (values <= most)) | np.isinf(values)
            refuse_where(text, wrong, "out of range", column=column, accepted=accepted)
            found[name] = binned(name, values)
    if "image_source" in text:
        found["source"] = one_of(text, "image_source", SOURCES)
    return found


def _without_itself(text: Table) -> tuple[Table, tuple[Dropped, ...]]:
    if "probe_id" not in text or "ref_id" not in text:
        return text, ()
    probe, ref = text["probe_id"], text["ref_id"]
    same = np.asarray((probe == ref) & (probe != ""), dtype=np.bool_)
    return without(text, ~same, ITSELF)


def _labels(text: Table, column: str) -> Coded | None:
    if column not in text:
        return None
    words, codes = encoded(text, column)
    return Coded(group_labels(words, column), codes)


def _candidates(text: Table, options: Mapping[str, str]) -> Admitted:
    """Rows `mated` or `nonmated`: a candidate each, or a search without candidates where ref_id and score are empty."""
    admissible(text)
    text, other = without(text, one_of(text, "kind", KINDS) >= 2, COMPARISON_ROWS)
    admissible(text)
    mated = one_of(text, "kind", KINDS) == 3
    search, candidate = pseudonyms(text, "probe_id"), pseudonyms(text, "ref_id")
    subject, enrolled = pseudonyms(text, "probe_subject"), pseudonyms(text, "ref_subject")
    empty = candidate == NOTHING
    score = numbers(text, "score", accepted="a number, or empty if the search returned nobody")
    finite_scores(text, score, empty, "score")
    rank = _ranks(text, empty)
    gallery = whole(text, "gallery_n", least=1, accepted="the number of people enrolled")
    made = table(
        CANDIDATES,
        {
            "search": (Kind.PSEUDONYM, search),
            "candidate": (Kind.PSEUDONYM, candidate),
            "subject": (Kind.PSEUDONYM, subject),
            "score": (Kind.AMOUNT, score),
            "rank": (Kind.COUNT, rank),
            "mated": (Kind.COUNT, mated.astype(np.int8)),
            "gallery": (Kind.COUNT, gallery),
            "hit": (Kind.COUNT, ((subject == enrolled) & ~empty).astype(np.int8)),
        },
    )
    facts = {"searches": len(np.unique(search)), "gallery": int(gallery.max())}
    _one_size(text, search, gallery)
    return Admitted(table=made, facts=facts, dropped=other)


def _one_size(text: Table, search: NDArray[np.int64], gallery: NDArray[np.int64]) -> None:
    """InputError at the first row whose gallery is not as large as that of its search's first row."""
    _, first, of = np.unique(search, return_index=True, return_inverse=True)
    wrong = gallery != gallery[first][of]
    refuse_where(text, wrong, "search in two galleries", column="gallery_n", accepted="one gallery size per search")


def _ranks(text: Table, empty: Flags) -> NDArray[np.int64]:
    given = numbers(text, "rank", accepted="1, 2, 3 …", hint="Check the column order")
    wrong, accepted = ~empty & ~((given >= 1) & (given == np.floor(given))), "1 for the first candidate, then 2, 3 …"
    refuse_where(text, wrong, "not a rank. Check the column order", column="rank", accepted=accepted)
    return np.where(empty, 0, np.nan_to_num(given)).astype(np.int64)


def _list(text: Table, options: Mapping[str, str]) -> Admitted:
    """`search_id rank candidate_id score`; who is the mate comes from a second file (pyeer-true-pairs)."""
    text, header = (text, ()) if "search_id" in text else without_header(text)
    search, rank, candidate, score = LIST if "search_id" in text else ("1", "2", "3", "4")
    ranks = whole(text, rank, least=1, accepted="1 for the first candidate, then 2, 3 …")
    names = {"search": search, "candidate": candidate, "score": score}
    return candidates(text, names, options, header, rank=(Kind.COUNT, ranks))


def _subjects(text: Table, options: Mapping[str, str]) -> Admitted:
    admissible(text)
    subject = pseudonyms(text, "subject")
    refuse_where(text, subject == NOTHING, "subject missing", column="subject", accepted="a pseudonym")
    attributes: dict[str, list[str]] = {}
    if "sex" in text:
        attributes["sex"] = [sex(word) for word in texts(text["sex"])]
    if "age_band" in text:
        attributes["age_band"] = [age_band(word) for word in texts(text["age_band"])]
    if "group" in text:
        attributes["group"] = group_labels(texts(text["group"]), "group")
    return admitted_subjects(subject, attributes)


def _histogram(text: Table, options: Mapping[str, str]) -> Admitted:
    """A retained histogram: `kind, group, other_group, score, n` with `score` a bin's matching edge."""
    admissible(text)
    genuine = one_of(text, "kind", {"genuine": 1, "impostor": 0})
    score = finite(text, "score", accepted="the edge of a bin")
    n = whole(text, "n", least=0, accepted="number of comparisons in the bin")
    made: dict[str, tuple[Kind, Values]] = {
        "genuine": (Kind.COUNT, genuine),
        "score": (Kind.AMOUNT, score),
        "n": (Kind.COUNT, n),
    }
    facts: dict[str, int | str] = {"comparisons": int(n.sum()), "bins": len(text)}
    if "group" in text and "other_group" in text:
        sides = [group_labels(texts(text[name]), name) for name in ("group", "other_group")]
        made |= {
            "group": (Kind.GROUP, np.array(sides[0], dtype=object)),
            "other_group": (Kind.GROUP, np.array(sides[1], dtype=object)),
        }
        facts["groups"] = labels_as_fact(sorted(set(sides[0]) | set(sides[1])))
    return Admitted(table=table(HISTOGRAM, made), facts=facts)


def _bounds(text: Table, options: Mapping[str, str]) -> Admitted:
    """Bounds kept with a histogram: `kind, group, score, subjects, low, high`, the score being an edge of a bin."""
    admissible(text)
    score = finite(text, "score", accepted="the edge of a bin")
    low, high = (numbers(text, name, accepted="a rate from 0 to 1") for name in ("low", "high"))
    wrong = ~((low >= 0) & (low <= high) & (high <= 1))
    refuse_where(text, wrong, "not an interval", column="high", accepted="low and high from 0 to 1, low first")
    groups = group_labels(texts(text["group"]), "group")
    made = table(
        BOUNDS,
        {
            "genuine": (Kind.COUNT, one_of(text, "kind", {"genuine": 1, "impostor": 0})),
            "group": (Kind.GROUP, np.array(groups, dtype=object)),
            "score": (Kind.AMOUNT, score),
            "subjects": (Kind.COUNT, whole(text, "subjects", least=1, accepted="number of subjects")),
            "low": (Kind.AMOUNT, low),
            "high": (Kind.AMOUNT, high),
        },
    )
    return Admitted(table=made, facts={"groups": labels_as_fact(sorted(set(groups)))})


REVIEW_WORDS = {
    "truth": {"right": 0, "wrong": 1, "unknown": 2, "": 2},
    "verdict": {"match": 0, "no_match": 1, "no match": 1, "inconclusive": 2},
    "outcome": {"none": 0, "no_action": 0, "inquiry": 1, "stop": 2, "arrest": 3, "charge": 4, "unknown": 5, "": 5},
}


def _reviews(text: Table, options: Mapping[str, str]) -> Admitted:
    """Tallies of reviewed candidates: `truth, verdict, outcome, n`. No row is a person."""
    admissible(text)
    made: dict[str, tuple[Kind, Values]] = {
        name: (Kind.COUNT, one_of(text, name, words)) for name, words in REVIEW_WORDS.items()
    }
    n = whole(text, "n", least=0, accepted="number of candidates")
    return Admitted(table=table(REVIEWS, {**made, "n": (Kind.COUNT, n)}), facts={"candidates": int(n.sum())})


def _nist(text: Table, options: Mapping[str, str]) -> Admitted:
    """False match rates by sex and race of each algorithm, at its own threshold for white men (NIST, October 2020)."""
    admissible(text)
    rates = {name: numbers(text, name, accepted="a rate from 0 to 1") for name in NIST_COLUMNS}
    for name, values in rates.items():
        wrong = ~((values >= 0) & (values <= 1))
        refuse_where(text, wrong, "not a rate", column=name, accepted="a number from 0 to 1")
    made: dict[str, tuple[Kind, Values]] = {
        name.lower(): (Kind.AMOUNT, np.asarray(values, dtype=np.float64)) for name, values in rates.items()
    }
    return Admitted(table=table(PUBLISHED, made), facts={"algorithms": len(text)})


def _similarities(text: Table, options: Mapping[str, str]) -> Part:
    """`Label,Probe,Gallery,Similarity`: 1 for one person, 0 or -1 for two.

    Probe and Gallery are subjects where they agree with every label. Else they name images: subjects are not known.
    """
    genuine = one_of(text, "label", LABELS) == 1
    score = finite(text, "similarity", accepted="a number")
    probe, ref = pseudonyms(text, "probe"), pseudonyms(text, "gallery")
    return Part(
        columns=ScoreColumns(
            score=score, genuine=genuine, failed=np.zeros(len(text), dtype=np.bool_), probe=probe, ref=ref
        )
    )


def _subjects_or_images(columns: ScoreColumns) -> ScoreColumns:
    if columns.probe is None or bool(((columns.probe == columns.ref) == columns.genuine).all()):
        return columns
    itself = columns.genuine & (columns.probe == columns.ref)  # an image compared with itself proves nothing
    return replace(columns.take(~itself), probe=None, ref=None)


FORMATS = (
    Format(
        id="peelian-scores",
        title="Comparisons: kind, subject pseudonyms, score, failures to enrol",
        shape=SCORES,
        required=frozenset({"kind", "score"}),
        columns=OWN | IDENTIFYING,
        stream=in_parts(_scores),
        numbers=frozenset({"score"}),
    ),
    Format(
        id="label-probe-gallery",
        title="Comparisons: Label, Probe, Gallery, Similarity",
        shape=SCORES,
        required=frozenset({"label", "probe", "gallery", "similarity"}),
        columns=frozenset({"label", "probe", "gallery", "similarity"}) | IDENTIFYING,
        stream=in_parts(_similarities, settle=_subjects_or_images),
        numbers=frozenset({"similarity"}),
    ),
    Format(
        id="peelian-candidates",
        title="Candidate lists with mates: kind mated or nonmated, probe, reference, rank, score, gallery size",
        shape=CANDIDATES,
        required=frozenset(
            {"kind", "probe_id", "ref_id", "probe_subject", "ref_subject", "score", "gallery_n", "rank"}
        ),
        columns=OWN | IDENTIFYING,
        convert=_candidates,
    ),
    Format(
        id="candidate-list",
        title="Candidate lists: search_id, rank, candidate_id, score",
        shape=CANDIDATES,
        required=frozenset(LIST),
        columns=frozenset(LIST) | IDENTIFYING,
        convert=_list,
        options={"gallery": "Number of people in the gallery"},
    ),
    Format(
        id="candidate-list-columns",
        title="Candidate lists without a header: search, rank, candidate, score",
        shape=CANDIDATES,
        required=frozenset({"1", "2", "3", "4"}),
        columns=frozenset({"1", "2", "3", "4"}),
        convert=_list,
        options={"gallery": "Number of people in the gallery"},
        kinds=("columns",),
    ),
    Format(
        id="peelian-subjects",
        title="Subjects (pseudonyms): sex, age band, group",
        shape=SUBJECTS,
        required=frozenset({"subject"}),
        columns=frozenset({"subject", "sex", "age_band", "group"}) | IDENTIFYING,
        convert=_subjects,
    ),
    Format(
        id="peelian-histogram",
        title="Score histogram: kind, group, other_group, score, n",
        shape=HISTOGRAM,
        required=frozenset({"kind", "score", "n"}),
        columns=frozenset({"kind", "group", "other_group", "score", "n"}) | IDENTIFYING,
        convert=_histogram,
    ),
    Format(
        id="peelian-score-bounds",
        title="Bounds from subjects: kind, group, score, subjects, low, high",
        shape=BOUNDS,
        required=frozenset({"kind", "group", "score", "subjects", "low", "high"}),
        columns=frozenset({"kind", "group", "score", "subjects", "low", "high"}) | IDENTIFYING,
        convert=_bounds,
    ),
    Format(
        id="peelian-reviews",
        title="Tallies of reviewed candidates: truth, verdict, outcome, n",
        shape=REVIEWS,
        required=frozenset({"truth", "verdict", "outcome", "n"}),
        columns=frozenset({"truth", "verdict", "outcome", "n"}) | IDENTIFYING,
        convert=_reviews,
    ),
    Format(
        id="nist-2020-false-match-rates",
        title="NIST 2020: false match rates by sex and race of each algorithm",
        shape=PUBLISHED,
        required=frozenset(NIST_COLUMNS),
        columns=frozenset(NIST_COLUMNS),
        convert=_nist,
        kinds=("csv",),
    ),
)
