"""Hostile files of an audit: each is audited with the right figure, or refused with its place and what is accepted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sizes import size
from sklearn.metrics import roc_auc_score

from peelian.errors import InputError
from peelian.intake.read import admitted
from peelian.kernel.disclosure.intake_and_release_checks import check_at_intake
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.kernel.model.formats import Admitted
from peelian.technologies.risk.audit.case import run as audit
from peelian.technologies.risk.audit.declared import AuditParams
from peelian.technologies.risk.audit.rows import picked
from peelian.technologies.risk.formats.persons import ASSESSED, NAMELESS
from peelian.technologies.risk.formats.tally import FORMATS
from peelian.technologies.risk.formats.tallying import COMMA, REPEATED, SPELLED, TOLD

SIZE, CUT = 600, 5
_rng = np.random.default_rng(8)
SCORE = _rng.integers(1, 11, SIZE)
OUTCOME = (_rng.random(SIZE) < SCORE / 14).astype(int)
SEX = _rng.choice(["Female", "Male"], SIZE)
FPR = float((SCORE[OUTCOME == 0] >= CUT).mean())
AUC = float(roc_auc_score(OUTCOME, SCORE))

Cell = Callable[[int], str]
PLAIN: dict[str, Cell] = {
    "score": lambda i: str(SCORE[i]),
    "outcome": lambda i: str(OUTCOME[i]),
    "sex": lambda i: str(SEX[i]),
}


def written(columns: dict[str, Cell] | None = None, *, by: str = ",", end: str = "\n", size: int = SIZE) -> str:
    """The cohort as text; each column gives the text of row i."""
    columns = PLAIN if columns is None else columns
    rows = [by.join(columns), *(by.join(cell(i) for cell in columns.values()) for i in range(size))]
    return end.join(rows) + end


THRICE: dict[str, Cell] = {name: (lambda i, cell=cell: cell(i % SIZE)) for name, cell in PLAIN.items()}


def having(**changed: Cell) -> dict[str, Cell]:
    """The plain columns with some of them changed or added."""
    return {**PLAIN, **changed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """A file that is audited: the cohort's own FPR and AUC must come out, unless the file has a truth of its own."""

    content: str | bytes
    options: dict[str, str] = field(default_factory=dict)
    cut: float = CUT
    fpr: float = FPR
    auc: float = AUC
    format: str = "risk-cohort"
    notes: tuple[str, ...] = ()
    dropped: int = 0
    axes: str = "sex"


PARTIAL = np.arange(SIZE) % 10 != 3
AUDITED = {
    "plain": Audited(content=written()),
    "columns in another order": Audited(content=written(dict(reversed(PLAIN.items())))),
    "capital names": Audited(content=written({k.upper(): v for k, v in PLAIN.items()}), axes="SEX"),
    "byte order mark": Audited(content="\ufeff" + written()),
    "UTF-16": Audited(content=written().encode("utf-16")),
    "semicolons": Audited(content=written(by=";")),
    "tabs and Windows line ends": Audited(content=written(by="\t", end="\r\n")),
    "blank lines": Audited(content=written().replace("\n", "\n\n")),
    "quoted numbers": Audited(
        content=written(having(score=lambda i: f'"{SCORE[i]}"', outcome=lambda i: f'"{OUTCOME[i]}"'))
    ),
    "decimal comma": Audited(
        content=written(having(score=lambda i: f"{SCORE[i] / 10:.2f}".replace(".", ",")), by=";"), cut=0.5,
        notes=(COMMA,),
    ),
    "per cent": Audited(content=written(having(score=lambda i: f"{10 * SCORE[i]} %")), cut=0.5),
    "yes and no": Audited(content=written(having(outcome=lambda i: "Yes" if OUTCOME[i] else "no "))),
    "booleans": Audited(content=written(having(outcome=lambda i: "TRUE" if OUTCOME[i] else "FALSE"))),
    "usual names": Audited(
        content=written({"decile_score": PLAIN["score"], "two_year_recid": PLAIN["outcome"], "gender": PLAIN["sex"]}),
        format="risk-columns", notes=(TOLD,), axes="gender",
    ),
    "named columns without n": Audited(
        content=written({"points": PLAIN["score"], "again": PLAIN["outcome"], "sex": PLAIN["sex"]}),
        options={"score": "points", "outcome": "again"}, format="risk-columns",
    ),
    "labels in several spellings": Audited(
        content=written(having(sex=lambda i: (SEX[i], SEX[i].upper(), f" {SEX[i].lower()} ")[i % 3])), notes=(SPELLED,)
    ),
    "empty group labels": Audited(content=written(having(sex=lambda i: "" if i % 5 == 0 else str(SEX[i])))),
    "no group at all": Audited(content=written({k: PLAIN[k] for k in ("score", "outcome")}), axes=""),
    "area numbers, declared": Audited(
        content=written(having(district=lambda i: str(100 + i % 60))), options={"areas": "district"}
    ),
    "a column of dates": Audited(content=written(having(screening_date=lambda i: f"2024-01-{1 + i % 28:02d}"))),
    "more columns than four": Audited(
        content=written(having(**{f"x{k}": lambda i: str(i) for k in range(6)}))
    ),
    "scores that are NaN or blank": Audited(
        content=written(having(score=lambda i: str(SCORE[i]) if PARTIAL[i] else ("NaN", "", "NA")[i % 3])),
        dropped=int((~PARTIAL).sum()),
        fpr=float((SCORE[PARTIAL & (OUTCOME == 0)] >= CUT).mean()),
        auc=float(roc_auc_score(OUTCOME[PARTIAL], SCORE[PARTIAL])),
    ),
    "outcomes not known": Audited(
        content=written(having(outcome=lambda i: str(OUTCOME[i]) if PARTIAL[i] else "unknown")),
        fpr=float((SCORE[PARTIAL & (OUTCOME == 0)] >= CUT).mean()),
        auc=float(roc_auc_score(OUTCOME[PARTIAL], SCORE[PARTIAL])),
    ),
    "a failure code, declared": Audited(
        content=written(having(score=lambda i: str(SCORE[i]) if PARTIAL[i] else "-1")), options={"missing": "-1,999"},
        dropped=int((~PARTIAL).sum()),
        fpr=float((SCORE[PARTIAL & (OUTCOME == 0)] >= CUT).mean()),
        auc=float(roc_auc_score(OUTCOME[PARTIAL], SCORE[PARTIAL])),
    ),
    "persons with several rows": Audited(
        content=written({"pid": lambda i: f"p{i // 6}", **PLAIN}), notes=(ASSESSED,)
    ),
    "a person for every row": Audited(content=written({"pid": lambda i: f"{i}", **PLAIN})),
    "pid missing in places": Audited(
        content=written({"pid": lambda i: "NA" if i % 7 == 0 else f"{i}", **PLAIN}), notes=(NAMELESS,)
    ),
    "rows thrice, with persons": Audited(
        content=written({"pid": lambda i: f"{i % SIZE}", **THRICE}, size=3 * SIZE), notes=(ASSESSED, REPEATED)
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A file that is refused: where, what is wrong and what is accepted."""

    content: str | bytes
    wrong: str
    row: int | None = None
    column: str = ""
    accepted: str = ""
    options: dict[str, str] = field(default_factory=dict)
    params: AuditParams = field(default_factory=AuditParams)


REFUSED = {
    "one outcome": Refusal(
        content=written(having(outcome=lambda i: "0")), wrong="only one outcome value", column="outcome",
        accepted="with and without",
    ),
    "one score": Refusal(
        content=written(having(score=lambda i: "3")), wrong="all scores are the same", column="score",
        accepted="two different scores",
    ),
    "no score": Refusal(
        content=written(having(score=lambda i: "")), wrong="no row has a score",
        accepted="at least one row with a score",
    ),
    "rows thrice": Refusal(
        content=written(THRICE, size=3 * SIZE),
        wrong="every row is there 3 times", accepted="each assessment once, or a column pid",
    ),
    "a failure code below": Refusal(
        content=written(having(score=lambda i: "-1" if i == 40 else str(SCORE[i]))), wrong="-1 stands apart", row=42,
        column="score", accepted="missing=-1",
    ),
    "a failure code above": Refusal(
        content=written(having(score=lambda i: "999" if i == 40 else str(SCORE[i]))), wrong="999 stands apart", row=42,
        column="score", accepted="missing=999",
    ),
    "score and outcome exchanged": Refusal(
        content=written({"outcome": PLAIN["score"], "score": PLAIN["outcome"], "sex": PLAIN["sex"]}),
        wrong="neither 0 nor 1", column="outcome", accepted="0 or 1",
    ),
    "outcomes of 1 and 2": Refusal(
        content=written(having(outcome=lambda i: str(1 + OUTCOME[i]))), wrong="neither 0 nor 1", column="outcome",
        accepted="yes or no",
    ),
    "an infinite score": Refusal(
        content=written(having(score=lambda i: "inf" if i == 7 else str(SCORE[i]))), wrong="not a finite number", row=9,
        column="score", accepted="a number",
    ),
    "scores in words": Refusal(
        content=written(having(score=lambda i: "high" if SCORE[i] > 5 else "low")), wrong="not a finite number",
        column="score", accepted="a number",
    ),
    "a comma of thousands": Refusal(
        content=written(having(score=lambda i: f"{SCORE[i]},250"), by=";"), wrong="decimal or between thousands", row=2,
        column="score", accepted="decimal point",
    ),
    "a decimal comma between commas": Refusal(
        content=written(having(score=lambda i: f"0,{SCORE[i]}")), wrong="the row has 4 columns, the header 3", row=2,
        accepted="quotation marks",
    ),
    "per cent and numbers": Refusal(
        content=written(having(score=lambda i: "35" if i == 3 else f"{10 * SCORE[i]}%")), wrong="column of per cent",
        row=5, column="score", accepted="in every row, or in none",
    ),
    "ages": Refusal(
        content=written(having(age=lambda i: str(18 + i % 60))), wrong="numbers with many values", column="age",
        accepted="bands such as 18-24",
    ),
    "area numbers, not declared": Refusal(
        content=written(having(district=lambda i: str(100 + i % 40))), wrong="numbers with many values",
        column="district", accepted="areas=COLUMN",
    ),
    "days as groups": Refusal(
        content=written(having(cohort=lambda i: f"2024-01-{1 + i % 28:02d}")), wrong="date", column="cohort",
        accepted="groups=COLUMN",
    ),
    "names as groups": Refusal(
        content=written(having(officer=lambda i: f"{('Anna', 'John', 'Peter', 'Maria')[i % 4]} Roe {i % 30}")),
        wrong="names of people", column="officer", accepted="group labels",
    ),
    "a column of names": Refusal(
        content=written(having(surname=lambda i: "x")), wrong="identifies a person", row=1, column="surname",
        accepted="a file without it",
    ),
    "one name twice": Refusal(
        content=written().replace("score,outcome,sex", "score,outcome,score", 1), wrong="two columns with this name",
        row=1, column="score", accepted="different names",
    ),
    "two columns for the score": Refusal(
        content=written({"risk_score": PLAIN["score"], "decile_score": PLAIN["score"], "y": PLAIN["outcome"]}),
        wrong="several columns could be the score", row=1, column="score", accepted="risk_score, decile_score",
    ),
    "no column for the outcome": Refusal(
        content=written({"score": PLAIN["score"], "came_back": PLAIN["outcome"], "sex": PLAIN["sex"]}),
        wrong="no column for outcome", row=1, column="outcome", accepted="outcome=COLUMN",
    ),
    "more groups than four": Refusal(
        content=written(having(**{f"x{k}": lambda i: "a" for k in range(6)}) | {"sex": PLAIN["sex"]}).replace(
            ",sex", ",x9", 1), wrong="7 group columns", row=1, column="groups", accepted="at most 4",
    ),
    "no header": Refusal(
        content=written().split("\n", 1)[1], wrong="values, not column names", row=1, accepted="line of names"
    ),
    "a header alone": Refusal(content="score,outcome,sex\n", wrong="header without rows", accepted="a header and rows"),
    "a long pid": Refusal(
        content=written({"pid": lambda i: "p" * (80 if i == 2 else 3) + str(i), **PLAIN}), wrong="pid too long", row=4,
        column="pid", accepted="64 bytes",
    ),
    "a group that is not there": Refusal(
        content=written(), params=AuditParams(reference=("Absent",)), wrong="reference group Absent is not in",
        column="reference", accepted="of: ",
    ),
    "an axis that is not there": Refusal(
        content=written(), params=AuditParams(axes=("race",)), wrong="1 requested axis is not in", column="axes",
        accepted="sex",
    ),
    "a cut beyond all scores": Refusal(
        content=written(), params=AuditParams(cut=40), wrong="everybody or nobody", column="cut",
        accepted="from 2 to 10",
    ),
}  # fmt: skip


def _taken(path: Path, content: str | bytes, options: dict[str, str]) -> tuple[str, Admitted]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    name, taken = admitted(path, "auto", FORMATS, options)
    check_at_intake(taken)
    return name, taken


def _audited(taken: Admitted, params: AuditParams) -> Findings:
    dataset = Dataset(id="t", format="", digest="", table=taken.table, facts=taken.facts)
    return audit(params, {"tally": dataset}, Context(seed=3, progress=lambda says, share: None))


@pytest.mark.parametrize("name", AUDITED)
def test_a_file_with_a_peculiarity_gives_the_right_figures(tmp_path: Path, name: str) -> None:
    case = AUDITED[name]
    format, taken = _taken(tmp_path / "c.csv", case.content, case.options)
    assert format == case.format
    assert taken.facts["axes"] == case.axes
    assert {note.text for note in taken.notes} >= set(case.notes)
    assert all("date" not in note.text for note in taken.notes)
    assert sum(drop.n for drop in taken.dropped) == case.dropped
    found = _audited(taken, AuditParams(cut=case.cut, bootstraps=100))
    everyone = ("everyone", "everyone")
    assert picked(found, "rates", "fpr", at=case.cut)[everyone].value == pytest.approx(case.fpr, abs=1e-12)
    assert picked(found, "figures", "auc")[everyone].value == pytest.approx(case.auc, abs=1e-12)


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_audited_is_refused_with_its_place_and_a_way_out(tmp_path: Path, name: str) -> None:
    case = REFUSED[name]
    with pytest.raises(InputError) as error:
        _audited(_taken(tmp_path / "c.csv", case.content, case.options)[1], case.params)
    said = error.value
    assert case.wrong in said.wrong and case.accepted in said.accepted, str(said)
    assert "date" not in said.accepted
    assert said.column == case.column
    if case.row:
        assert (said.file, said.row) == ("c.csv", case.row)


def test_labels_in_several_spellings_are_one_group(tmp_path: Path) -> None:
    _, taken = _taken(tmp_path / "c.csv", AUDITED["labels in several spellings"].content, {})
    assert len(set(taken.table["sex"].tolist())) == 2
    assert dict(taken.notes[0].values) == {"column": "sex", "n": 4}


def test_errors_that_are_all_one_persons_make_no_narrow_interval(tmp_path: Path) -> None:
    """Of 60 people with 10 assessments each, one has all false positives: next time there may be none, or many."""
    person = np.arange(SIZE) // 10
    outcome = np.where(person % 3 == 0, 1, 0)
    score = np.where((outcome == 1) | (person == 7), 8, 2)
    columns: dict[str, Cell] = {
        "pid": lambda i: f"p{person[i]}", "score": lambda i: str(score[i]), "outcome": lambda i: str(outcome[i])
    }  # fmt: skip
    ends = {}
    for kind, kept in (("persons", columns), ("rows", {k: c for k, c in columns.items() if k != "pid"})):
        content = written(kept | {"noise": lambda i: "ab"[i % 2 if i % 7 else 0]})
        found = _audited(_taken(tmp_path / "c.csv", content, {})[1], AuditParams(cut=5, bootstraps=100))
        row = picked(found, "rates", "fpr", at=5.0)[("everyone", "everyone")]
        assert row.value == pytest.approx(10 / 400)
        ends[kind] = row.low, row.high
    assert ends["rows"][1] < 0.05
    assert ends["persons"][1] > 0.2
    assert ends["persons"][0] < 0.002


def test_parquet_with_booleans_and_whole_numbers_is_audited(tmp_path: Path) -> None:
    made = pa.table({"risk_score": SCORE, "reoffended": OUTCOME.astype(bool), "sex": pa.array(SEX).dictionary_encode()})
    pq.write_table(made, tmp_path / "c.parquet")
    name, taken = admitted(tmp_path / "c.parquet", "auto", FORMATS, {})
    assert name == "risk-columns"
    found = _audited(taken, AuditParams(cut=CUT, bootstraps=100))
    assert picked(found, "figures", "auc")[("everyone", "everyone")].value == pytest.approx(AUC, abs=1e-12)


@pytest.mark.slow
def test_millions_of_rows_with_persons_are_audited(tmp_path: Path) -> None:
    rows, rng = size(1_000_000, 10_000_000), np.random.default_rng(4)
    score = rng.integers(1, 11, rows)
    outcome = (rng.random(rows) < score / 14).astype(np.int8)
    race = pa.DictionaryArray.from_arrays(rng.integers(0, 3, rows).astype(np.int8), ["White", "Black", "Asian"])
    made = pa.table({"pid": rng.integers(0, rows // 4, rows), "score": score, "outcome": outcome, "race": race})
    pq.write_table(made, tmp_path / "c.parquet")
    _, taken = admitted(tmp_path / "c.parquet", "auto", FORMATS, {})
    found = _audited(taken, AuditParams(cut=CUT))
    assert taken.facts["assessments"] == rows > taken.facts["people"]
    value = picked(found, "rates", "fpr", at=float(CUT))[("everyone", "everyone")].value
    assert value == pytest.approx(float((score[outcome == 0] >= CUT).mean()), abs=1e-12)
