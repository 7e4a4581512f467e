"""`peelian try` whole, as a test lab runs it: reading, judging, audit, report and PDF, with the CPU of every child.

The two files are the hardest of their kind: a cohort with three axes and one person a row; comparisons with the group
of both subjects in every row, under names that no public classification has.

uv run python benchmarks/audits_try.py [--quick] [--json FILE]
"""

from __future__ import annotations

import csv
import resource
import statistics
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from figures import Figure, at_most, finish, flags, show

ROWS, SCORES = 1_000_000, 8_700_000
AXES = ("race", "sex", "age_cat")
GROUPS = 8
RUNS = 5
PEELIAN = Path(sys.executable).with_name("peelian")


def cohort(file: Path, n: int) -> None:
    """`n` persons drawn from the shipped COMPAS tally, one a row."""
    with (files("peelian.technologies.risk") / "examples" / "compas_two_year_tally.csv").open(encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    rng = np.random.default_rng(0)
    weights = np.array([int(row["n"]) for row in rows], dtype=np.float64)
    drawn = rng.choice(len(rows), size=n, p=weights / weights.sum())
    columns = {"pid": pa.array([f"p{i:07d}" for i in rng.permutation(n)])}
    for name in ("decile_score", "two_year_recid", *AXES):
        words, codes = np.unique([row[name] for row in rows], return_inverse=True)
        columns[name] = pa.DictionaryArray.from_arrays(pa.array(codes[drawn]), pa.array(words)).cast(pa.string())
    pa_csv.write_csv(pa.table(columns), file)


def scores(file: Path, n: int) -> None:
    """`n` comparisons of just enough subjects, one in twenty genuine, with the groups of both."""
    rng = np.random.default_rng(0)
    genuine = n // 20
    pairs = n - genuine
    higher = ((1 + np.sqrt(1 + 8 * np.arange(pairs, dtype=np.float64))) // 2).astype(np.int64)
    lower = np.arange(pairs) - higher * (higher - 1) // 2
    subjects = int(higher.max()) + 1
    twice = rng.integers(0, subjects, genuine)
    own, group = rng.standard_normal(subjects), np.arange(subjects) % GROUPS
    probe, ref = np.concatenate([twice, higher]), np.concatenate([twice, lower])
    score = np.empty(n)
    score[:genuine] = 4 + 0.3 * own[twice] + rng.standard_normal(genuine)
    score[genuine:] = 0.3 * (own[higher] + own[lower]) + 0.9 * rng.standard_normal(pairs)
    of_subjects, of_groups = pa.array([f"s{i:05d}" for i in range(subjects)]), pa.array([f"kind {i}" for i in range(8)])

    def words(codes: np.ndarray, of: pa.Array) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(codes), of).cast(pa.string())

    kinds = pa.array(["genuine", "impostor"])
    columns = {
        "kind": words((np.arange(n) >= genuine).astype(np.int8), kinds),
        "probe_subject": words(probe, of_subjects),
        "ref_subject": words(ref, of_subjects),
        "score": pa.array(np.round(score, 4)),
        "probe_group": words(group[probe], of_groups),
        "ref_group": words(group[ref], of_groups),
    }
    pa_csv.write_csv(pa.table(columns), file)


def cost(technology: str, file: Path) -> tuple[float, float]:
    """CPU seconds and peak MB of one run, with those of its children."""
    with tempfile.TemporaryDirectory() as out:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [str(PEELIAN), "try", technology, str(file), "--out", f"{out}/report"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss / 1024


def main() -> None:
    """Each file several times; the median holds the bar."""
    given = flags(str(__doc__).splitlines()[0]).parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for technology, make, n, bar in (("risk", cohort, ROWS, 8.0), ("faces", scores, SCORES, 15.0)):
            n //= 20 if given.quick else 1
            file = Path(folder) / f"{technology}.csv"
            make(file, n)
            taken = [cost(technology, file) for _ in range(1 if given.quick else RUNS)]
            seconds = [one for one, _ in taken]
            name = f"try {technology}, {n:,} rows"
            figures += [
                show(at_most(f"{name}, median of {len(taken)}", statistics.median(seconds), "CPU s", bar)),
                show(at_most(f"{name}, worst", max(seconds), "CPU s", bar)),
                show(Figure(name=f"{name}, peak", value=round(taken[-1][1]), unit="MB")),
            ]
    finish(figures, given.json)


if __name__ == "__main__":
    main()
