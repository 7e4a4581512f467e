"""The audit of a face matcher, measured beside bob.measure and pyeer: CPU seconds and memory, and interval coverage.

Every tool runs in a process of its own on the same scores, read from the same files; only the tool's own work is timed,
memory is the process's peak. The other tools know no groups and no intervals: they are timed on what they do.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from figures import Figure, at_most, finish, flags, plain, show

GROUPS = 8
SIZES = (10_000, 1_000_000, 10_000_000)
QUICK = (10_000, 300_000)
SECONDS, MEGABYTES = 4.0, 600.0
SUBJECTS, TRUE, SHARE = 300, 1e-3, 0.18


def made(folder: Path, n: int) -> None:
    """`n` comparisons of just enough subjects, one in twenty genuine; scores lean on the subjects and their groups."""
    rng = np.random.default_rng(0)
    genuine = n // 20
    pairs = n - genuine
    higher = ((1 + np.sqrt(1 + 8 * np.arange(pairs, dtype=np.float64))) // 2).astype(np.int64)
    lower = np.arange(pairs) - higher * (higher - 1) // 2
    subjects = int(higher.max()) + 1
    twice = rng.integers(0, subjects, genuine)
    own = rng.standard_normal(subjects).astype(np.float64)
    group = np.arange(subjects) % GROUPS
    score = np.empty(n)
    score[:genuine] = 4 + 0.3 * own[twice] + rng.standard_normal(genuine)
    score[genuine:] = 0.3 * (own[higher] + own[lower]) + 0.9 * rng.standard_normal(pairs)
    score[genuine:] += 0.1 * (group[higher] == group[lower]) * group[higher]
    digest = rng.integers(1, 2**62, subjects)
    np.save(folder / "score.npy", score)
    np.save(folder / "genuine.npy", np.arange(n) < genuine)
    np.save(folder / "probe.npy", digest[np.concatenate([twice, higher])])
    np.save(folder / "ref.npy", digest[np.concatenate([twice, lower])])
    np.save(folder / "digest.npy", digest)


def ours(folder: Path) -> Callable[[], object]:
    """The whole audit: eight groups, every threshold, intervals, bootstrap, matrix, curves, sentences."""
    from peelian.kernel.model.capability import Context, Dataset
    from peelian.technologies.faces.audit.case import run_audit
    from peelian.technologies.faces.audit.declared import AuditParams
    from peelian.technologies.faces.formats.shapes import ScoreColumns, admitted_scores, admitted_subjects

    score, genuine = np.load(folder / "score.npy"), np.load(folder / "genuine.npy")
    probe, ref, digest = (np.load(folder / f"{name}.npy") for name in ("probe", "ref", "digest"))
    columns = ScoreColumns(
        score=score, genuine=genuine, failed=np.zeros(len(score), dtype=np.bool_), probe=probe, ref=ref
    )
    labels = {"group": [f"group {i % GROUPS}" for i in range(len(digest))]}
    people = admitted_subjects(digest, labels)
    files = {
        "scores": Dataset(id="scores", format="", digest="", table=admitted_scores(columns).table),
        "subjects": Dataset(id="subjects", format="", digest="", table=people.table),
    }
    context = Context(seed=1, progress=lambda says, share: None)
    return lambda: run_audit(AuditParams(by=("group",), thresholds=(3.0,)), files, context)


def bob(folder: Path) -> Callable[[], object]:
    """bob.measure: sorted scores, its DET curve, and both error rates at three thresholds. Compiled beforehand."""
    import bob.measure

    def run(negatives: np.ndarray, positives: np.ndarray) -> object:
        negatives.sort()
        positives.sort()
        thresholds = [bob.measure.far_threshold(negatives, positives, far, True) for far in (1e-3, 1e-4, 1e-5)]
        rates = [bob.measure.fprfnr(negatives, positives, t) for t in thresholds]
        return rates, bob.measure.det(negatives, positives, n_points=100)

    few = np.random.default_rng(1).random(100)
    run(few, few + 0.5)
    negatives, positives = _split(folder)
    return lambda: run(negatives, positives)


def pyeer(folder: Path) -> Callable[[], object]:
    """pyeer: the curve, areas, operating points and indexes that its report computes."""
    from pyeer import eer_stats

    negatives, positives = _split(folder)

    def run() -> object:
        _, false_matches, false_non_matches = eer_stats.calculate_roc(positives, negatives, rates=False)
        fmr, fnmr = false_matches / len(negatives), false_non_matches / len(positives)
        points = [eer_stats.get_fmr_op(fmr, fnmr, at) for at in (0, 0.001, 0.01, 0.05, 0.1)]
        return (
            points,
            eer_stats.get_eer_values(fmr, fnmr),
            eer_stats.calculate_roc_auc(fmr, fnmr),
            eer_stats.get_youden_index(fmr, fnmr),
            eer_stats.get_matthews_ccoef(false_matches, false_non_matches, len(positives), len(negatives)),
        )

    return run


def _split(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    score, genuine = np.load(folder / "score.npy"), np.load(folder / "genuine.npy")
    return score[~genuine], score[genuine]


TOOLS: dict[str, Callable[[Path], Callable[[], object]]] = {"peelian": ours, "bob.measure": bob, "pyeer": pyeer}


def child(tool: str, folder: Path) -> None:
    """Run one tool once in this process and print what it took."""
    run = TOOLS[tool](folder)
    began = time.process_time()
    run()
    record = {
        "cpu": time.process_time() - began,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }
    print(json.dumps(record))


def measured(tool: str, folder: Path) -> dict[str, float]:
    """CPU seconds and peak memory of one tool in a process of its own."""
    command = [sys.executable, __file__, "--child", tool, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def speed(sizes: tuple[int, ...]) -> list[Figure]:
    """Every tool at every size."""
    figures = []
    for n in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            subprocess.run([sys.executable, __file__, "--make", str(n), "--folder", name], check=True)
            for tool in TOOLS:
                took = measured(tool, folder)
                mine = tool == "peelian" and n == max(SIZES)
                title = f"{tool}, {n:,} scores"
                cpu, memory = f"{title}: CPU", f"{title}: peak memory"
                figures += [
                    show(at_most(cpu, took["cpu"], "s", SECONDS) if mine else plain(cpu, took["cpu"], "s")),
                    show(
                        at_most(memory, took["megabytes"], "MB", MEGABYTES)
                        if mine
                        else plain(memory, took["megabytes"], "MB")
                    ),
                ]
    return figures


def coverage(repeats: int) -> list[Figure]:
    """How often 95 % intervals of FMR hold the truth: 300 subjects, each compared with each, FMR 1e-3."""
    from scipy.stats import norm

    from peelian.measure.rates import wilson
    from peelian.technologies.faces.measure.errors import gathered, overall_interval, spread, trial_counts
    from peelian.technologies.faces.measure.scores import Cells, Scores
    from peelian.technologies.faces.measure.uncertainty import DYADIC, estimate

    first, second = (side.astype(np.int32) for side in np.triu_indices(SUBJECTS, 1))
    n, cells = len(first), Cells(groups=())
    at = float(norm.isf(TRUE))
    rng = np.random.default_rng(20)
    held = np.zeros((repeats, 3), dtype=bool)
    for i in range(repeats):
        own = rng.standard_normal(SUBJECTS)
        score = np.sqrt(SHARE / 2) * (own[first] + own[second]) + np.sqrt(1 - SHARE) * rng.standard_normal(n)
        scores = Scores(
            score=score,
            genuine=np.zeros(n, dtype=np.bool_),
            failed=np.zeros(n, dtype=np.bool_),
            probe=first,
            ref=second,
            group_of=np.full(SUBJECTS, -1, dtype=np.int16),
            cell=np.full(n, cells.pair(-1, -1), dtype=np.int16),
            cells=cells,
        )
        errors, trials = gathered(scores, [at]).at(at), trial_counts(scores)
        variance = spread(errors, trials, scores).fmr_all
        one = estimate(int(errors.impostor.sum()), n, variance=variance, method=DYADIC, single=False, known=True)
        drawn = overall_interval(errors, trials, scores, replicates=200, seed=i)
        pairs = [(one.low, one.high), tuple(float(x) for x in wilson(one.errors, n)), drawn]
        held[i] = [low <= TRUE <= high for low, high in pairs]
    shares = held.mean(axis=0)
    inside = 0.92 <= shares[0] <= 0.97
    return [
        show(
            Figure(
                name=f"printed 95 % intervals hold the truth, {repeats} simulated trials",
                value=round(float(shares[0]), 3),
                unit="share",
                bar="0.92 to 0.97",
                holds=bool(inside),
            )
        ),
        show(plain("Wilson's interval, same trials", float(shares[1]), "share")),
        show(plain("two-way bootstrap, same trials", float(shares[2]), "share")),
    ]


def main() -> None:
    """Run all, or one process's part of it."""
    parser: argparse.ArgumentParser = flags(str(__doc__).splitlines()[0])
    parser.add_argument("--child", choices=sorted(TOOLS), help=argparse.SUPPRESS)
    parser.add_argument("--make", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.make:
        made(given.folder, given.make)
        return
    if given.child:
        child(given.child, given.folder)
        return
    figures = coverage(600 if given.quick else 2000)
    figures += speed(QUICK if given.quick else SIZES)
    finish(figures, given.json)


if __name__ == "__main__":
    main()
