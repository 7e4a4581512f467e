"""Error counts against bob.measure and pyeer: the same at twenty thresholds, on real files, ties included."""

from __future__ import annotations

import gzip
from importlib import resources

import numpy as np
import pytest

from peelian.technologies.faces.formats.shapes import ScoreColumns, admitted_scores
from peelian.technologies.faces.measure.errors import gathered
from peelian.technologies.faces.measure.scores import Scores, built

bob = pytest.importorskip("bob.measure", reason="bob.measure (group peers) is not installed")
EXAMPLES = resources.files("peelian.technologies.faces") / "examples"


def column(name: str) -> np.ndarray:
    raw = (EXAMPLES / name).read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode()
    return np.array([float(line.split()[-1]) for line in text.splitlines()])


def labelled(name: str) -> tuple[np.ndarray, np.ndarray]:
    table = np.array([line.split() for line in (EXAMPLES / name).read_text().splitlines()], dtype=float)
    return table[table[:, 0] == -1, 1], table[table[:, 0] == 1, 1]


def tied(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return np.round(rng.normal(0, 1, 40_000), 1), np.round(rng.normal(2, 1, 5_000), 1)


FILES = {
    "bob dev": lambda: labelled("bob_measure_dev-1.txt"),
    "bob test": lambda: labelled("bob_measure_test-1.txt"),
    "pyeer 1": lambda: (column("pyeer_exp1_false.txt.gz"), column("pyeer_exp1_true.txt.gz")),
    "pyeer 3": lambda: (column("pyeer_exp3_false.txt.gz"), column("pyeer_exp3_true.txt.gz")),
    "tied": lambda: tied(1),
}


def scores_of(negatives: np.ndarray, positives: np.ndarray) -> Scores:
    score = np.concatenate([negatives, positives])
    columns = ScoreColumns(score=score, genuine=np.arange(len(score)) >= len(negatives), failed=np.isnan(score))
    return built([admitted_scores(columns).table], None, by=("sex",), least=11)


@pytest.mark.parametrize("name", FILES)
def test_counts_are_those_of_bob_at_twenty_thresholds(name: str) -> None:
    negatives, positives = FILES[name]()
    scores = scores_of(negatives, positives)
    # Bob's files digest failed comparisons by nan: they are in neither rate of comparisons made.
    negatives, positives = negatives[~np.isnan(negatives)], positives[~np.isnan(positives)]
    # Half of the thresholds are scores themselves, so that ties fall on them.
    own = np.quantile(np.concatenate([negatives, positives]), np.linspace(0, 1, 10), method="nearest")
    thresholds = [*own.tolist(), *np.linspace(own.min() - 1, own.max() + 1, 10).tolist()]
    impostor, genuine = scores.cells.pair(-1, -1), scores.cells.genuine(-1)
    wrong = gathered(scores, thresholds)
    for threshold in thresholds:
        fpr, fnr = bob.fprfnr(negatives, positives, threshold)
        expected = round(fpr * len(negatives)), round(fnr * len(positives))
        by_cell = wrong.at(threshold).by_cell
        assert (by_cell[impostor], by_cell[genuine]) == expected


@pytest.mark.parametrize("name", ["pyeer 1", "pyeer 3"])
def test_curves_are_those_of_pyeer(name: str) -> None:
    stats = pytest.importorskip("pyeer.eer_stats", reason="pyeer (group peers) is not installed")
    negatives, positives = FILES[name]()
    thresholds, false_matches, false_non_matches = stats.calculate_roc(positives, negatives, rates=False)
    scores = scores_of(negatives, positives)
    chosen = np.linspace(0, len(thresholds) - 1, 40).astype(int)
    wrong = gathered(scores, thresholds[chosen].tolist())
    counts = np.array([wrong.at(threshold).by_cell for threshold in thresholds[chosen].tolist()])
    np.testing.assert_array_equal(counts[:, scores.cells.pair(-1, -1)], false_matches[chosen])
    np.testing.assert_array_equal(counts[:, scores.cells.genuine(-1)], false_non_matches[chosen])


def test_counts_are_those_of_pyeer_s_histogram_mode() -> None:
    stats = pytest.importorskip("pyeer.eer_stats", reason="pyeer (group peers) is not installed")
    negatives, positives = FILES["pyeer 3"]()
    bins = np.bincount(negatives.astype(int))
    _, false_matches, false_non_matches = stats.calculate_roc_hist(
        positives.astype(int).tolist(), bins.tolist(), rates=False
    )
    scores = scores_of(negatives, positives)
    thresholds = [1.0, 3.0, 9.0, 20.0, 57.0]
    wrong = gathered(scores, thresholds)
    for threshold in thresholds:
        by_cell = wrong.at(threshold).by_cell
        assert by_cell[scores.cells.pair(-1, -1)] == false_matches[int(threshold)]
        assert by_cell[scores.cells.genuine(-1)] == false_non_matches[int(threshold)]
