"""The noise that leaves is exactly discrete Laplace, never spends more than asked, and is kept once."""

from __future__ import annotations

import hmac
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from discrete_laplace import probability
from scipy.stats import chi2

from peelian.errors import InputError, Refused
from peelian.integrations.opendp_noise import discrete_laplace
from peelian.kernel.disclosure.noise import Question, with_noise
from peelian.kernel.model.ports import Entry
from peelian.storage.database import memory_database
from peelian.storage.noise_answers import AnswerRows
from peelian.storage.schema import ANSWERS, METADATA

pytest.importorskip("opendp", reason="the extra `privacy` is not installed")
N = 40_000
ONE_IN_A_MILLION = 1e-6  # how often a true sampler may fail one of these tests: its chance has no seed


def _goodness_of_fit(noise: Sequence[int], *, sensitivity: int, milli_epsilon: int) -> float:
    """The p-value of Pearson's chi-square against the exact distribution: cells with 20 expected, tails joined."""
    widest = 0
    while N * probability(widest + 1, sensitivity=sensitivity, milli_epsilon=milli_epsilon) >= 20:
        widest += 1
    places = range(-widest, widest + 1)
    expected = [N * probability(x, sensitivity=sensitivity, milli_epsilon=milli_epsilon) for x in places]
    seen = np.zeros(len(expected), dtype=int)
    values, counts = np.unique(np.asarray(noise), return_counts=True)
    inside = np.abs(values) <= widest
    seen[values[inside] + widest] = counts[inside]
    tail = N - sum(expected)
    expected, observed = [*expected, tail / 2, tail / 2], [*seen]
    observed += [int(counts[values < -widest].sum()), int(counts[values > widest].sum())]
    statistic = sum((o - e) ** 2 / e for o, e in zip(observed, expected, strict=True))
    return float(chi2.sf(statistic, len(expected) - 1))


@pytest.mark.parametrize(("sensitivity", "milli_epsilon"), [(1, 1000), (1, 300), (3, 700), (1, 2500)])
def test_it_fits_the_exact_distribution(sensitivity: int, milli_epsilon: int) -> None:
    noise = discrete_laplace([0] * N, sensitivity=sensitivity, milli_epsilon=milli_epsilon)
    assert _goodness_of_fit(noise, sensitivity=sensitivity, milli_epsilon=milli_epsilon) > ONE_IN_A_MILLION


@pytest.mark.parametrize("wrong", ["rounded", "cut", "normal", "a little wider", "zero twice as rare"])
def test_the_same_test_finds_every_wrong_sampler(wrong: str) -> None:
    rng = np.random.default_rng(1)
    laplace = rng.laplace(size=N)
    geometric = rng.geometric(1 - np.exp(-1), size=N) - rng.geometric(1 - np.exp(-1), size=N)
    noise = {
        "rounded": np.rint(laplace),
        "cut": np.trunc(laplace),
        "normal": np.rint(rng.normal(scale=2**0.5, size=N)),
        "a little wider": rng.geometric(0.6, size=N) - rng.geometric(0.6, size=N),
        "zero twice as rare": np.where((geometric == 0) & (rng.random(N) < 0.5), 1, geometric),
    }[wrong]
    assert _goodness_of_fit(noise.astype(int).tolist(), sensitivity=1, milli_epsilon=1000) < ONE_IN_A_MILLION
    assert _goodness_of_fit(geometric.tolist(), sensitivity=1, milli_epsilon=1000) > 1e-3


def test_cells_are_drawn_independently() -> None:
    noise = np.array(discrete_laplace([0] * N, sensitivity=1, milli_epsilon=1000), dtype=np.float64)
    for lag in (1, 2, 7):
        r = np.corrcoef(noise[:-lag], noise[lag:])[0, 1]
        assert abs(r) < 5 / N**0.5  # five standard errors


def test_counts_are_kept_under_the_noise_and_neighbours_are_hard_to_tell() -> None:
    """For every outcome, its chance under a count and under the count one higher differ by at most exp(epsilon)."""
    a = np.bincount(np.array(discrete_laplace([50] * N, sensitivity=1, milli_epsilon=1000)), minlength=100)
    b = np.bincount(np.array(discrete_laplace([51] * N, sensitivity=1, milli_epsilon=1000)), minlength=100)
    often = (a[:100] + b[:100]) > 200
    worst = np.abs(np.log(a[:100][often] / b[:100][often]))
    error = 6 * np.sqrt(1 / a[:100][often] + 1 / b[:100][often])
    assert (worst <= 1.0 + error).all() and worst.max() > 0.8
    assert abs(sum(k * n for k, n in enumerate(a)) / N - 50) < 0.1


@pytest.mark.parametrize("sensitivity", [1, 3, 7])
@pytest.mark.parametrize("milli_epsilon", [1, 7, 300, 333, 700, 1999])
def test_by_the_library_s_own_account_no_more_is_spent_than_asked(sensitivity: int, milli_epsilon: int) -> None:
    from peelian.integrations.opendp_noise import _measurement

    spent = _measurement(sensitivity, milli_epsilon).map(sensitivity)
    assert 0.999_999 * milli_epsilon / 1000 < spent <= milli_epsilon / 1000


def test_large_counts_and_no_counts_are_fine() -> None:
    assert discrete_laplace([], sensitivity=1, milli_epsilon=1000) == ()
    assert abs(discrete_laplace([1 << 52], sensitivity=1, milli_epsilon=1000)[0] - (1 << 52)) < 100
    with pytest.raises(InputError):
        discrete_laplace([1], sensitivity=1, milli_epsilon=0)


def test_the_whole_path_once() -> None:
    log: list[Entry] = []
    database = memory_database(METADATA)
    question = Question(
        dataset="d", term="2026", period="2026-03", what="w", cells=3, milli_epsilon=500, technology="toy"
    )

    def ask(counts: list[int]) -> tuple[int, ...]:
        return with_noise(
            counts,
            question,
            500,
            entries=log,
            answers=AnswerRows(database),
            draw=discrete_laplace,
            log=lambda kind, **fields: log.append({"kind": kind, **fields}) or len(log),
            token=lambda text: hmac.digest(b"key", text.encode(), "sha256").hex(),
        )

    first = ask([10, 20, 30])
    assert all(ask([10, 20, 30]) == first for _ in range(20))
    assert [entry["kind"] for entry in log] == ["NOISE_SPENT", "NOISE_DRAWN"]
    with database.writing() as connection:
        connection.execute(ANSWERS.delete())
    with pytest.raises(Refused, match="older than the log"):
        ask([10, 20, 30])


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opendp", None)
    with pytest.raises(InputError, match="privacy"):
        discrete_laplace([1], sensitivity=1, milli_epsilon=1000)
