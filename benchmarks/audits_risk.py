"""The audit of a risk instrument, beside fairlearn and aequitas: CPU seconds, memory, coverage, leaks.

Every tool runs in a process of its own on the same people, drawn from COMPAS by race, sex and age band (34 crossed
groups, deciles, nine cuts); reading is not timed. Ours is the whole audit: counting, 2,000 bootstraps of five rates at
nine cuts and of the area, calibration, comparisons, suppression. The others are timed on what they do: rates at one
cut, aequitas also with its significance tests, fairlearn also with two bootstrap replicates.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from figures import Figure, at_most, finish, flags, plain, show

TESTS = Path(__file__).resolve().parents[1] / "tests"
AXES = ("race", "sex", "age_cat")
SIZES = (10_000, 1_000_000, 10_000_000)
QUICK = (10_000, 200_000)
SLOW_UP_TO = 1_000_000  # the others' slow parts are not run beyond
SECONDS, MEGABYTES, AT = 2.0, 400.0, 1_000_000
BOOTSTRAPS, PART = 2_000, 50_000


def made(folder: Path, n: int) -> None:
    """`n` people drawn from the shipped COMPAS tally, as codes of its rows."""
    import csv

    with (files("peelian.technologies.risk") / "examples" / "compas_two_year_tally.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    weights = np.array([int(row["n"]) for row in rows], dtype=np.float64)
    drawn = np.random.default_rng(0).choice(len(rows), size=n, p=weights / weights.sum())
    for name in (*AXES, "decile_score", "two_year_recid"):
        words, codes = np.unique([row[name] for row in rows], return_inverse=True)
        np.save(folder / f"{name}.npy", codes.astype(np.int8)[drawn])
        (folder / f"{name}.json").write_text(json.dumps(words.tolist()))


def _words(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The codes of a column and its different words."""
    return np.load(folder / f"{name}.npy"), np.array(json.loads((folder / f"{name}.json").read_text()), dtype=object)


def ours(folder: Path) -> Callable[[], object]:
    """Counting at the door, and the whole audit."""
    import pyarrow as pa

    from peelian.kernel.model.capability import Context, Dataset
    from peelian.measure.table import Column, Kind, Table
    from peelian.technologies.risk.audit.case import run as audit
    from peelian.technologies.risk.audit.declared import AuditParams
    from peelian.technologies.risk.formats.layout import Layout
    from peelian.technologies.risk.formats.tallying import tallied

    pa.array(np.array(["reading"], dtype=object))  # whoever has read a file has loaded this library
    columns = {name: _words(folder, name) for name in (*AXES, "decile_score", "two_year_recid")}
    n = len(columns["race"][0])
    layout = Layout(score="decile_score", outcome="two_year_recid", groups=AXES)
    params = AuditParams(cut=5, bootstraps=BOOTSTRAPS)
    context = Context(seed=1, progress=lambda says, share: None)

    def parts() -> Iterator[Table]:
        for begin in range(0, n, PART):
            span = slice(begin, min(begin + PART, n))
            made = [Column(name="row", kind=Kind.COUNT, values=np.arange(span.start + 2, span.stop + 2))]
            for name, (codes, words) in columns.items():
                made.append(Column(name=name, kind=Kind.PERSONAL, values=words[codes[span]]))
            yield Table(name="text", columns=tuple(made))

    def run() -> object:
        taken = tallied(parts(), layout)
        dataset = Dataset(id="t", format="", digest="", table=taken.table, facts=taken.facts)
        return audit(params, {"tally": dataset}, context)

    return run


def _frame(folder: Path) -> Any:
    import pandas as pd

    frame = pd.DataFrame({name: words[codes] for name in AXES for codes, words in [_words(folder, name)]})
    codes, words = _words(folder, "decile_score")
    frame["score"] = (words.astype(int)[codes] >= 5).astype(int)
    codes, words = _words(folder, "two_year_recid")
    frame["label_value"] = words.astype(int)[codes]
    return frame


def fairlearn_rates(folder: Path, replicates: int | None = None) -> Callable[[], object]:
    """Five rates of every crossed group at one cut."""
    from fairlearn import metrics
    from sklearn.metrics import accuracy_score, precision_score

    frame = _frame(folder)
    wanted = {
        "fpr": metrics.false_positive_rate,
        "fnr": metrics.false_negative_rate,
        "ppv": lambda y, p: precision_score(y, p, zero_division=0),
        "selection": metrics.selection_rate,
        "accuracy": accuracy_score,
    }
    more: dict[str, Any] = (
        {"n_boot": replicates, "ci_quantiles": [0.025, 0.975], "random_state": 1} if replicates else {}
    )
    return lambda: (
        metrics.MetricFrame(
            metrics=wanted,
            y_true=frame["label_value"],
            y_pred=frame["score"],
            sensitive_features=frame[list(AXES)],
            **more,
        ).by_group
    )


def aequitas_rates(folder: Path, significance: bool = False) -> Callable[[], object]:
    """Rates of every group of each axis at one cut, with significance tests where asked."""
    from aequitas.bias import Bias
    from aequitas.group import Group

    frame = _frame(folder)
    reference = {"race": "Caucasian", "sex": "Male", "age_cat": "25 - 45"}

    def run() -> object:
        tab, _ = Group().get_crosstabs(frame, attr_cols=list(AXES))
        return Bias().get_disparity_predefined_groups(
            tab, original_df=frame, ref_groups_dict=reference, check_significance=significance
        )

    return run


TOOLS: dict[str, tuple[int, Callable[[Path], Callable[[], object]]]] = {
    "peelian": (max(SIZES), ours),
    "fairlearn": (SLOW_UP_TO, fairlearn_rates),
    "fairlearn, 2 replicates": (SLOW_UP_TO, lambda folder: fairlearn_rates(folder, 2)),
    "aequitas": (max(SIZES), aequitas_rates),
    "aequitas, significance": (SLOW_UP_TO, lambda folder: aequitas_rates(folder, True)),
}


def child(tool: str, folder: Path) -> None:
    """Run one tool once in this process and print what it took."""
    import warnings

    warnings.simplefilter("ignore")
    run = TOOLS[tool][1](folder)
    began = time.process_time()
    run()
    took = {"cpu": time.process_time() - began, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}
    print(json.dumps(took))


def measured(tool: str, folder: Path) -> dict[str, float] | None:
    """CPU seconds and peak memory of one tool in a process of its own; None where it fails."""
    command = [sys.executable, __file__, "--child", tool, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"{tool} failed: {done.stderr.splitlines()[-1:]}", file=sys.stderr)
        return None
    return dict(json.loads(done.stdout.splitlines()[-1]))


def speed(sizes: tuple[int, ...]) -> list[Figure]:
    """Every tool at every size it can be asked for."""
    found = []
    for n in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            made(folder, n)
            for tool, (most, _) in TOOLS.items():
                took = measured(tool, folder) if n <= most else None
                if took is None:
                    continue
                title, bars = f"{tool}, {n:,} people", tool == "peelian" and n == AT
                for what, unit, key, bar in (
                    ("CPU", "s", "cpu", SECONDS),
                    ("peak memory", "MB", "megabytes", MEGABYTES),
                ):
                    full = f"{title}: {what}"
                    found.append(show(at_most(full, took[key], unit, bar) if bars else plain(full, took[key], unit)))
    return found


def leaks(tables: int) -> list[Figure]:
    """Sets of 1 to 9 people that an attacker gets out of the audits of random tables, subtraction included."""
    sys.path.insert(0, str(TESTS / "support"))
    from risk_attack import leaks as attacked
    from risk_attack import printed, random_tally

    rng = np.random.default_rng(11)
    given_away = 0
    for _ in range(tables):
        given_away += len(list(attacked(*printed(random_tally(rng)))))
    return [show(at_most(f"small sets given away by {tables:,} random tables", given_away, "sets", 0))]


def coverage() -> list[Figure]:
    """How often printed 95 % intervals hold the truth of a known town, by kind."""
    sys.path.insert(0, str(TESTS / "reference"))
    import test_risk_coverage as simulated

    shares = simulated.covered()
    found = []
    for kind in simulated.KINDS:
        inside = 0.93 <= shares[kind] <= 0.97
        name = f"printed 95 % intervals hold the truth: {kind}"
        found.append(
            show(Figure(name=name, value=round(shares[kind], 3), unit="share", bar="0.93 to 0.97", holds=inside))
        )
    return found


def main() -> None:
    """All figures, in order."""
    parser = flags(__doc__ or "")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.folder)
        return
    found = [*speed(QUICK if given.quick else SIZES), *leaks(300 if given.quick else 10_000), *coverage()]
    finish(found, given.json)


if __name__ == "__main__":
    main()
