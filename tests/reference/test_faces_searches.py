"""Hit rates by rank against pyeer's CMC on its own example, and FPIR and FNIR against a plain count."""

from __future__ import annotations

import gzip
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from peelian.measure.table import Column, Kind, Table
from peelian.technologies.faces.formats.pyeer import FORMATS
from peelian.technologies.faces.measure.searches import FNIR, FPIR, TPIR, gathered_searches, share_at

EXAMPLES = resources.files("peelian.technologies.faces") / "examples"
BY_ID = {f.id: f for f in FORMATS}


def lines(name: str) -> list[list[str]]:
    return [line.split() for line in gzip.decompress((EXAMPLES / name).read_bytes()).decode().splitlines()]


def converted(rows: list[list[str]], format: str) -> Table:
    columns = tuple(
        Column(name=str(i + 1), kind=Kind.PERSONAL, values=np.array(column, dtype=object))
        for i, column in enumerate(zip(*rows, strict=True))
    )
    return BY_ID[format].convert(Table(name="text", columns=columns), {}).table


def test_hit_rates_are_those_of_pyeer(tmp_path: Path) -> None:
    stats = pytest.importorskip("pyeer.cmc_stats", reason="pyeer (group peers) is not installed")
    for name in ("scores", "tp"):
        (tmp_path / name).write_bytes(gzip.decompress((EXAMPLES / f"pyeer_cmc_exp1_{name}.txt.gz").read_bytes()))
    curve = stats.get_cmc_curve(stats.load_scores_from_file(str(tmp_path / "scores"), str(tmp_path / "tp")), 10)
    searches = gathered_searches(
        converted(lines("pyeer_cmc_exp1_scores.txt.gz"), "pyeer-candidates"),
        converted(lines("pyeer_cmc_exp1_tp.txt.gz"), "pyeer-true-pairs"),
        direction="auto",
        gallery=0,
    )
    ours = [share_at(searches, TPIR, -np.inf, rank=rank).rate for rank in range(1, 11)]
    assert ours == pytest.approx(curve)


def test_half_the_queries_as_strangers_count_as_a_plain_loop_counts_them() -> None:
    rows, pairs = lines("pyeer_cmc_exp1_scores.txt.gz"), lines("pyeer_cmc_exp1_tp.txt.gz")
    strangers = {query for query, _ in pairs[::2]}
    true = dict(pair for pair in pairs if pair[0] not in strangers)
    # A stranger's own template is taken out of the gallery, as if the person were not enrolled.
    kept = [row for row in rows if row[0] not in strangers or row[1] != dict(pairs)[row[0]]]
    mates = converted([[q, t] for q, t in true.items()] + [[q, "-"] for q in sorted(strangers)], "pyeer-true-pairs")
    searches = gathered_searches(converted(kept, "pyeer-candidates"), mates, direction="auto", gallery=0)
    lists: dict[str, list[tuple[float, str]]] = {}
    for query, template, score in kept:
        lists.setdefault(query, []).append((float(score), template))
    for threshold in (0.02, 0.05, 0.1, 0.3):
        alerts = sum(any(s >= threshold for s, _ in lists[q]) for q in strangers)
        missed = 0
        for query, mate in true.items():
            ranked = [t for s, t in sorted(lists[query], key=lambda pair: -pair[0])][:5]
            missed += not (mate in ranked and max(s for s, t in lists[query] if t == mate) >= threshold)
        assert share_at(searches, FPIR, threshold, rank=5).errors == alerts
        assert share_at(searches, FNIR, threshold, rank=5).errors == missed
