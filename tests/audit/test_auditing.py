"""A frame is read as `peelian try` reads a file: the same figures, the same checks, errors in the caller's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from audited import COMPAS, TALLY, comparisons, compas, matcher, tally

import peelian.audit
from peelian.demos.trial import trial
from peelian.errors import InputError, PeelianError

SECRET = "Jane Example"
PYEER = TALLY.parents[2] / "faces" / "examples"


MADE: dict[str, Any] = {
    "path": lambda: TALLY,
    "text": lambda: str(TALLY),
    "polars": lambda: pl.from_pandas(tally()),
    "pyarrow": lambda: pa.table(tally()),
    "categories": lambda: tally().astype({"race": "category", "n": "Int64"}),
}


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_every_kind_of_frame_and_a_path_give_the_same_figures(made: Any) -> None:
    audit = peelian.audit.risk(made(), **COMPAS)
    for name in ("rates", "figures", "verdicts"):
        assert audit.findings.table(name).digest() == compas().findings.table(name).digest()


def test_the_figures_are_those_of_try(tmp_path: Path) -> None:
    options = {"score": "decile_score", "outcome": "two_year_recid", "n": "n", "groups": "race,sex"}
    flags = ["--cut", "5", "--reference", "Caucasian", "--bootstraps", "100"]
    tried = trial("risk", {"tally": (TALLY, "auto", options)}, flags=flags, out=tmp_path)
    pairs = zip(compas().findings.tables, tried.ran[0].findings.tables, strict=True)
    assert all(mine.digest() == theirs.digest() for mine, theirs in pairs)
    assert tried.ran[0].evidence.seed == compas().made.ran[0].evidence.seed


def test_a_cohort_with_people_in_it_and_options_of_its_format() -> None:
    rng = np.random.default_rng(2)
    n = 1_500
    risk = rng.random(n)
    cohort = pd.DataFrame(
        {
            "who": [f"p{i}" for i in range(n)],
            "risk": risk,
            "again": rng.random(n) < risk,
            "sex": rng.choice(["female", "male"], n),
            "score_date": pd.to_datetime("2020-01-01 23:00").tz_localize("America/Toronto"),
        }
    )
    audit = peelian.audit.risk(
        cohort, score="risk", outcome="again", groups=["sex"], pid="who", probability=True, bootstraps=100,
        window_days=730, data_until="2021-12-30",
    )  # fmt: skip
    assert audit.facts["people"] == n and audit.facts["probability"] is True
    window = {row["metric"] for row in audit.tables["rates"].to_pylist()}
    assert "base_rate" in window and audit.made.admissions["tally"].facts["window_days"] == 730


def test_labels_of_no_public_classification_are_numbered_and_the_caller_has_the_key() -> None:
    made = tally().replace({"race": {"Other": "Kin of Wick"}})
    audit = peelian.audit.risk(made, **COMPAS)
    (number,) = [number for number, label in audit.labels.items() if label == "Kin of Wick"]
    assert number in set(audit.to_frame("verdicts")["group"]) and "Wick" not in str(audit.tables)


@pytest.mark.parametrize(
    ("change", "more", "says"),
    [
        (lambda d: d.head(0), {}, "frame: columns without rows"),
        (lambda d: d.assign(name=SECRET), {}, "frame, column name: the file has a column that identifies a person"),
        (lambda d: d.assign(race=[[SECRET]] * len(d)), {}, "frame, column race: column without plain values"),
        (lambda d: d.assign(two_year_recid=[1] * 7 + [2] * (len(d) - 7)), {}, "frame, row 7, column two_year_recid"),
        (lambda d: d.assign(decile_score=["1"] * 4 + [SECRET] * (len(d) - 4)), {}, "frame, row 4, column decile_score"),
        (lambda d: d, {"pid": "nobody"}, "frame, column nobody: unknown column"),
        (lambda d: d, {"groups": ["nope"]}, "frame, column nope: unknown column"),
        (lambda d: d, {"groups": "race"}, "column groups: one text instead of a list"),
        (lambda d: d, {"reference": "Caucasian"}, "column reference: one text instead of a list"),
        (lambda d: d, {"nonsense": 1}, "has no option nonsense"),
        (lambda d: d, {"cut": "high"}, "column cut: not a number"),
        (lambda d: d, {"language": "de"}, "unknown language"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_hostile_frames_are_refused_in_the_callers_words(change: Any, more: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as refused:
        peelian.audit.risk(change(tally()), **{**COMPAS, **more})
    assert says in str(refused.value) and SECRET not in str(refused.value)


def test_an_index_that_names_people_and_columns_nobody_asked_for_are_not_read(tmp_path: Path) -> None:
    named = tally().assign(notes=[{"about": SECRET}] * len(tally()))
    named.index = pd.Index([SECRET] * len(named), name="full_name")
    audit = peelian.audit.risk(named, **COMPAS)
    audit.report(tmp_path)
    assert audit.facts["people"] == 7_214
    assert not [p for p in tmp_path.iterdir() if SECRET.encode() in p.read_bytes()]


def test_a_missing_file_and_dropped_rows_are_told(tmp_path: Path) -> None:
    with pytest.raises(PeelianError, match=r"gone\.csv"):
        peelian.audit.risk(tmp_path / "gone.csv", **COMPAS)
    holed = tally().astype({"decile_score": "Int64"})
    holed.loc[3, "decile_score"] = pd.NA
    (drop,) = peelian.audit.risk(holed, **COMPAS).made.admissions["tally"].dropped
    assert drop["first_row"] == 3, "rows of a frame count from 0"


def test_a_matcher_is_audited_from_frames_with_groups_of_subjects() -> None:
    found = matcher()
    assert found.facts["genuine"] == 480 and found.facts["impostor"] == 7_140 and found.facts["subjects"] == 120
    assert found.facts["groups_shown"] == 6 and set(found.labels.values()) == {"kin 0", "kin 1", "kin 2"}
    scores, people = comparisons()
    other = peelian.audit.faces(pl.from_pandas(scores), pa.table(people))
    assert other.findings.table("rates").digest() == found.findings.table("rates").digest()
    assert isinstance(other.to_frame("rates"), pl.DataFrame)


def test_files_that_do_not_say_what_they_are() -> None:
    found = peelian.audit.faces(
        PYEER / "pyeer_exp1_true.txt.gz",
        more_scores=PYEER / "pyeer_exp1_false.txt.gz",
        formats={"scores": "pyeer-scores", "more_scores": "pyeer-scores"},
        options={"scores": {"kind": "genuine"}, "more_scores": {"kind": "impostor"}},
    )
    assert (found.facts["genuine"], found.facts["impostor"]) == (2_793, 4_950)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"scores": None}, "scores: not a data frame"),
        ({"formats": {"mates": "pyeer-scores"}}, "column mates: no file for this role"),
        ({"nonsense": 1}, "column nonsense: unknown parameter"),
        ({"subjects": pd.DataFrame({"subject": ["s1"], "sex": [SECRET]})}, "subjects"),
        ({"scores": comparisons(20)[0].assign(kind="live")}, "scores, row 0, column kind"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_arguments_of_a_matcher_are_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as refused:
        peelian.audit.faces(**{"scores": comparisons(20)[0], **given})
    assert says in str(refused.value) and SECRET not in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_million_rows_are_audited(library: str) -> None:
    rng = np.random.default_rng(4)
    n = 1_000_000
    score = rng.integers(1, 11, n)
    frame = pd.DataFrame(
        {
            "score": score,
            "outcome": (rng.random(n) < score / 12).astype(int),
            "race": rng.choice(["Black", "White", "Asian", "Hispanic", "Other"], n),
            "sex": rng.choice(["female", "male"], n),
            "age_band": rng.choice(["18-24", "25-44", "45+"], n),
        }
    )
    given = frame if library == "pandas" else pl.from_pandas(frame)
    audit = peelian.audit.risk(given, groups=["race", "sex", "age_band"])
    assert audit.facts["people"] == n
