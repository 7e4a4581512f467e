"""Proves that each hostile score file is audited rightly or refused with file, row and column, never taken silently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow.csv import write_csv
from sizes import size

from peelian.errors import InputError, NotEnoughData
from peelian.intake.read import admitted
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.pictures.words import english
from peelian.technologies import faces
from peelian.technologies.faces.audit import sentences as notes
from peelian.technologies.faces.audit.case import run_audit
from peelian.technologies.faces.audit.declared import AuditParams
from peelian.technologies.faces.formats import parts as suspicions
from peelian.technologies.faces.formats import reading
from peelian.technologies.faces.lists.case import run as run_lists
from peelian.technologies.faces.lists.declared import SearchParams

SECRET = "Desdemona-Quimby"
FORMATS = faces.TECHNOLOGY.formats()
HEAD = "kind,probe_subject,ref_subject,score,failure_to_enrol,probe_group,ref_group"


def rows(subjects: int = 40, seed: int = 1, lift: float = 0.0) -> list[str]:
    """A sound file: every two of `subjects` once, three genuine comparisons each, two groups."""
    rng = np.random.default_rng(seed)
    made = []
    for i in range(subjects):
        for j in range(i + 1, subjects):
            made.append(f"impostor,s{i:03d},s{j:03d},{abs(rng.normal(0.3 + lift, 0.1)):.5f},0,{_group(i)},{_group(j)}")
        for _ in range(3):
            made.append(f"genuine,s{i:03d},s{i:03d},{rng.normal(0.8, 0.1):.5f},0,{_group(i)},{_group(i)}")
    return made


def _group(i: int) -> str:
    return "east" if i % 2 else "west"


def sound() -> list[str]:
    return [HEAD, *rows()]


def with_row(line: str, at: int = 1) -> Callable[[], list[str]]:
    """The sound file with a line put in place of another (1: the first below the header)."""

    def made() -> list[str]:
        lines = sound()
        lines[at] = line
        return lines

    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A file that is refused: what is said, where, and by what error."""

    name: str
    lines: Callable[[], Sequence[str]]
    says: str
    row: int | None = None
    column: str = ""
    accepted: str = ""
    format: str = "auto"
    options: dict[str, str] = field(default_factory=dict)
    error: type[Exception] = InputError


REFUSED = (
    Refused(name="nan score", lines=with_row("impostor,s000,s001,nan,0,west,east"),
            says="missing or not a number", row=2, column="score", accepted="failure_to_enrol"),
    Refused(name="infinite score", lines=with_row("impostor,s000,s001,inf,0,west,east", at=3),
            says="infinite", row=4, column="score"),
    Refused(name="word for a score", lines=with_row(f"impostor,s000,s001,{SECRET},0,west,east"),
            says="not a number", row=2, column="score"),
    Refused(name="decimal comma", lines=lambda: [line.replace(",", ";").replace("0.", "0,") for line in sound()],
            says="decimal comma", row=2, column="score", accepted="0.5, not 0,5"),
    Refused(name="-1 for failures", lines=with_row("genuine,s000,s000,-1,0,west,west", at=7),
            says="1 score is −1", row=8, column="score", accepted="failure_to_enrol"),
    Refused(name="one score for all", lines=lambda: [HEAD, *(_with_score(line, "0.5") for line in rows())],
            says="all scores are equal", column="score"),
    Refused(name="labels in two spellings", lines=lambda: [*sound()[:-1], sound()[-1].replace("east", "East")],
            says="only in capitals", column="probe_group", accepted="one spelling"),
    Refused(name="genuine of two people", lines=with_row("genuine,s000,s001,0.5,0,west,east"),
            says="genuine, but subjects differ", row=2, column="kind"),
    Refused(name="impostor of one person", lines=with_row("impostor,s000,s000,0.5,0,west,west"),
            says="subjects are the same", row=2, column="kind"),
    Refused(name="unknown kind", lines=with_row("perhaps,s000,s001,0.5,0,west,east"),
            says="accepted words", row=2, column="kind", accepted="genuine"),
    Refused(name="no subject on one side", lines=with_row("impostor,,s001,0.5,0,west,east"),
            says="subject missing", row=2),
    Refused(name="names for pseudonyms", lines=lambda: [HEAD, *(_named(line) for line in rows())],
            says="look like names", row=2, column="probe_subject"),
    Refused(name="a column of names", lines=lambda: [HEAD + ",full_name", *(f"{line},{SECRET}" for line in rows())],
            says="identifies a person", column="full_name"),
    Refused(name="no rows", lines=lambda: [HEAD], says="header without rows"),
    Refused(name="label and score swapped", lines=lambda: ["0.31 -1", "0.82 1"], format="bob-2-columns",
            says="swapped", row=1, column="1"),
    Refused(name="score not last", lines=lambda: ["a b p 0.5", "a b 0.5 p"], format="bob-4-columns",
            says="not a number", row=2, column="4"),
    Refused(name="quality beyond its scale", lines=lambda: [HEAD + ",quality", *(f"{line},101" for line in rows())],
            says="out of range", row=2, column="quality", accepted="0 to 100"),
    Refused(name="search in two galleries", format="peelian-candidates",
            says="two galleries", row=3, column="gallery_n",
            lines=lambda: ["kind,probe_id,ref_id,probe_subject,ref_subject,score,gallery_n,rank",
                           "mated,q1,r1,s1,s1,0.9,500,1", "mated,q1,r2,s1,s2,0.4,600,2"]),
    Refused(name="subject twice", format="peelian-subjects", says="listed twice", column="subject",
            lines=lambda: ["subject,sex", "s000,female", "s000,male"]),
)  # fmt: skip


def _with_score(line: str, score: str) -> str:
    cells = line.split(",")
    return ",".join([*cells[:3], score, *cells[4:]])


def _named(line: str) -> str:
    kind, *sides, score, failed, one, two = line.split(",")
    return ",".join([kind, *(f"Desdemona Quimby{'abcdefgh'[int(s[1:]) % 8]}" for s in sides), score, failed, one, two])


def written(folder: Path, lines: Sequence[str], name: str = "scores.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_a_file_that_cannot_be_audited_is_refused_by_file_row_and_column(case: Refused, tmp_path: Path) -> None:
    with pytest.raises(case.error) as caught:
        admitted(written(tmp_path, case.lines()), case.format, FORMATS, case.options)
    told = caught.value
    assert isinstance(told, InputError)
    assert told.file == "scores.csv"
    assert case.says in str(told) and case.accepted in str(told)
    assert (told.row or None) == case.row
    assert told.column == case.column
    assert SECRET not in str(told)


def read(folder: Path, lines: Sequence[str], format: str = "auto", **options: str):
    return admitted(written(folder, lines), format, FORMATS, options)[1]


def audited(taken, subjects=None, **params) -> Findings:
    files = {"scores": Dataset(id="scores", format="", digest="", table=taken.table, facts=taken.facts)}
    if subjects is not None:
        files["subjects"] = Dataset(id="subjects", format="", digest="", table=subjects.table, facts=subjects.facts)
    asked = AuditParams(**{"thresholds": (0.55,), "replicates": 0, "limit_fmr": 0.02} | params)
    return run_audit(asked, files, Context(seed=1, progress=lambda says, share: None))


def figures(findings: Findings) -> list[tuple[str, int, int]]:
    rates = findings.table("rates")
    here = rates["policy"] == "operational 1"
    names = [
        f"{m} {g} {o}" for m, g, o in zip(*(rates[c][here] for c in ("measure", "group", "other_group")), strict=True)
    ]
    return list(zip(names, rates["errors"][here].tolist(), rates["n"][here].tolist(), strict=True))


def verdict(findings: Findings, measure: str, group: str) -> str:
    for row in findings.table("rates").records():
        if (row["policy"], row["measure"], row["group"], row["other_group"]) == (
            "operational 1",
            measure,
            group,
            group,
        ):
            return str(row["verdict"])
    raise KeyError(group)


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Findings:
    return audited(read(tmp_path_factory.mktemp("sound"), sound()))


def test_rows_given_three_times_are_counted_once_and_said(tmp_path, plain):
    taken = read(tmp_path, [HEAD, *rows(), *rows(), *rows()])
    assert [(d.why, d.n) for d in taken.dropped] == [(suspicions.REPEATED, 2 * len(rows()))]
    assert figures(audited(taken)) == figures(plain)


def test_the_order_of_rows_changes_nothing(tmp_path, plain):
    taken = read(tmp_path, [HEAD, *sorted(rows(), reverse=True)])
    assert not taken.dropped
    assert figures(audited(taken)) == figures(plain)


def test_distances_give_the_same_figures_and_a_wrong_claim_is_refused(tmp_path, plain):
    turned = [_with_score(line, f"{1 - float(line.split(',')[3]):.5f}") for line in rows()]
    taken = read(tmp_path, [HEAD, *turned])
    found = audited(taken, thresholds=(0.45,))
    assert found.facts["distances"] is True
    assert figures(found) == figures(plain)
    with pytest.raises(InputError, match="distance"):
        audited(taken, direction="similarity")


def test_one_group_in_the_opposite_direction_is_refused_by_name(tmp_path):
    lines = [_with_score(line, f"{1 - float(line.split(',')[3]):.5f}") if line.endswith("west,west") else line
             for line in rows(60)]  # fmt: skip
    with pytest.raises(InputError, match="west"):
        audited(read(tmp_path, [HEAD, *lines]))


def test_only_genuine_comparisons_are_too_little(tmp_path):
    taken = read(tmp_path, [HEAD, *(line for line in rows() if line.startswith("genuine"))])
    with pytest.raises(NotEnoughData, match="more_scores"):
        audited(taken)


def test_marked_failures_count_as_misses_whatever_stands_in_the_score(tmp_path):
    lines = sound()
    genuine = [i for i, line in enumerate(lines) if line.startswith("genuine")][:6]
    for i in genuine:
        lines[i] = _with_score(lines[i], "-1").replace(",-1,0,", ",-1,1,")
    found = audited(read(tmp_path, lines))
    assert found.facts["failed"] == 6


def test_one_person_behind_all_errors_settles_nothing(tmp_path):
    lines = []
    for line in rows(120, lift=-0.2):
        kind, probe, ref, *_ = line.split(",")
        lines.append(_with_score(line, "0.9") if kind == "impostor" and "s000" in (probe, ref) else line)
    found = audited(read(tmp_path, [HEAD, *lines]), limit_fmr=0.001)
    row = next(r for r in found.table("rates").records() if (r["measure"], r["group"]) == ("FMR", "west"))
    assert row["errors"] == 59
    assert verdict(found, "FMR", "west") == "undetermined", "59 errors, but of one look-alike"


def test_groups_nobody_of_whom_is_compared_are_said(tmp_path):
    subjects = ["subject,group", *(f"s{i:03d},{_group(i)}" for i in range(40)), *(f"t{i:03d},north" for i in range(30))]
    people = admitted(written(tmp_path, subjects, "subjects.csv"), "peelian-subjects", FORMATS, {})[1]
    found = audited(read(tmp_path, sound()), people)
    said = {note.text: note.values for note in found.notes}
    assert said[notes.ABSENT] == {"n": 1}
    assert english(notes.ABSENT, n=1).startswith("1 group of the subjects file")


def test_images_compared_with_themselves_are_left_out(tmp_path):
    head = "Label,Probe,Gallery,Similarity"
    rng = np.random.default_rng(2)
    images = [f"1,a{i}x,a{i}y,{rng.normal(0.8, 0.05):.4f}" for i in range(60)]
    images += [f"0,a{i}x,a{j}x,{rng.normal(0.2, 0.05):.4f}" for i in range(60) for j in range(i)]
    taken = read(tmp_path, [head, *images, *(f"1,a{i}x,a{i}x,1.0" for i in range(20))])
    assert taken.facts == {"comparisons": 60 + 60 * 59 // 2, "genuine": 60}
    assert "probe" not in taken.table, "images are no subjects"
    people = read(tmp_path, [head, *(f"1,s{i},s{i},0.9{i}" for i in range(9)), "0,s1,s2,0.1"])
    assert "probe" in people.table


@pytest.mark.parametrize(
    ("format", "header", "body", "options"),
    [
        ("bob-2-columns", "label score", ["-1 0.1", "1 0.9"], {}),
        ("bob-4-columns", "claimed_id real_id probe_label score", ["a a p 0.9", "a b q 0.1"], {}),
        ("pyeer-scores", "query template score", ["a b 0.3", "a c 0.4"], {"kind": "impostor"}),
        ("pyeer-true-pairs", "query template", ["q1 t1", "q2 -"], {}),
        ("candidate-list-columns", "search_id rank candidate_id score", ["q1 1 t1 0.9", "q1 2 t2 0.4"], {}),
    ],
)
def test_a_header_where_none_belongs_is_left_out_and_said(tmp_path, format, header, body, options):
    bare = read(tmp_path, body, format, **options)
    taken = read(tmp_path, [header, *body], format, **options)
    assert taken.table.digest() == bare.table.digest()
    assert [(d.why, d.n, d.first_row) for d in taken.dropped] == [(reading.HEADER, 1, 1)]


def lists(folder: Path, mates: Sequence[str], **params) -> Findings:
    body = ["q1 1 t1 0.9", "q1 2 t2 0.4", "q2 1 t9 0.5", "q3 1 t3 0.8"]
    taken = read(folder, body, "candidate-list-columns")
    true = admitted(written(folder, mates, "mates.txt"), "pyeer-true-pairs", FORMATS, {})[1]
    files = {
        "candidates": Dataset(id="c", format="", digest="", table=taken.table, facts=taken.facts),
        "mates": Dataset(id="m", format="", digest="", table=true.table, facts=true.facts),
    }
    return run_lists(
        SearchParams(thresholds=(0.6,), **params), files, Context(seed=1, progress=lambda says, share: None)
    )


def test_a_gallery_is_never_counted_from_who_was_returned(tmp_path):
    mates = ["q1 t1", "q2 -", "q3 t3"]
    with pytest.raises(InputError, match="gallery size not declared") as caught:
        lists(tmp_path, mates)
    assert caught.value.column == "gallery"
    assert lists(tmp_path, mates, gallery=4000).facts["gallery"] == 4000


def test_mates_of_other_searches_are_refused(tmp_path):
    with pytest.raises(InputError, match="no search of the mates file"):
        lists(tmp_path, ["x1 t1", "x2 -"], gallery=4000)


@pytest.mark.slow
def test_millions_of_rows_are_read_and_audited(tmp_path):
    n, subjects = size(1_000_000, 10_000_000), 4600
    most = n - n // 20
    rng = np.random.default_rng(0)
    first, second = (side[:most] for side in np.triu_indices(subjects, 1))
    genuine = rng.integers(0, subjects, n - most)
    path = tmp_path / "scores.csv"
    names = pa.array([f"s{number}" for number in range(subjects)])
    kinds = pa.array(["genuine", "impostor"])
    made = pa.table(
        {
            "kind": kinds.take(pa.array(np.repeat([0, 1], [n - most, most]))),
            "probe_subject": names.take(pa.array(np.concatenate([genuine, first]))),
            "ref_subject": names.take(pa.array(np.concatenate([genuine, second]))),
            "score": np.round(rng.standard_normal(n) + np.repeat([4.0, 0.0], [n - most, most]), 5),
        }
    )
    write_csv(made, path)
    taken = admitted(path, "auto", FORMATS, {})[1]
    assert taken.facts == {"comparisons": n, "genuine": n - most} and not taken.dropped
    found = audited(taken, thresholds=(3.5,), limit_fmr=0.001)
    assert found.facts["impostor"] == most
    assert verdict(found, "FMR", "all") == "meets limit"
