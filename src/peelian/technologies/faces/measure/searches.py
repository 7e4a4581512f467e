"""Error rates of gallery searches from candidate lists: FPIR, FNIR, TPIR, and CMC only with FPIR.

ISO/IEC 19795-1: FPIR(N, T) is the share of searches of people who are not enrolled that return anybody at or above T;
FNIR(N, R, T) the share of searches of enrolled people that do not return them at or above T within rank R.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.measure.table import Table
from peelian.technologies.faces.measure.scores import Codes, Digests, Flags, Floats, coded, large_enough
from peelian.technologies.faces.measure.uncertainty import AT_LEAST, AT_MOST, CLUSTERED, Estimate, estimate

FPIR, FNIR, TPIR = "FPIR", "FNIR", "TPIR"
MOST_RANKS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Searches:
    """One row per search; scores match at or above a threshold (distances are held negated).

    `best` is the highest score of any candidate (-inf where nobody was returned), `mate` that of the person searched
    for and `mate_rank` its rank (-inf and 0 where they were not returned). `subject` numbers who was searched for;
    `known` says whether that is more than the search's own number. `group_of` gives each search's group, -1 for none.
    `gallery` is the number of people enrolled as declared, 0 where it is not. `number` is the search's own in `listed`.
    """

    mated: Flags
    best: Floats
    mate: Floats
    mate_rank: NDArray[np.int64]
    subject: NDArray[np.int64]
    known: bool
    group_of: Codes
    groups: tuple[str, ...]
    gallery: NDArray[np.int64]
    number: NDArray[np.int64]
    listed: Candidates
    distance: bool

    def __len__(self) -> int:
        return len(self.mated)

    def take(self, keep: Flags) -> Searches:
        """Only the searches marked."""
        return replace(
            self,
            mated=self.mated[keep],
            best=self.best[keep],
            mate=self.mate[keep],
            mate_rank=self.mate_rank[keep],
            subject=self.subject[keep],
            group_of=self.group_of[keep],
            gallery=self.gallery[keep],
            number=self.number[keep],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Every candidate of every list: number of its search, rank, score (matching at or above), whether the mate."""

    search: NDArray[np.int64]
    rank: NDArray[np.int64]
    score: Floats
    mate: Flags


def gathered_searches(candidates: Table, mates: Table | None, *, direction: str, gallery: int) -> Searches:
    """Searches from candidate lists and, where the lists do not say who is whose mate, a table of mates.

    Ranks that are not given follow from the scores, ties in the order of the file. The gallery's size is what the file
    or `gallery` declares: people whom no search returned cannot be counted. O(rows log rows).
    InputError: no mates known, ranks and scores that disagree, a direction that contradicts the lists.
    """
    hit, mated_ids = _hits(candidates, mates)
    empty = ~np.isfinite(candidates["score"])
    ids, search = np.unique(np.concatenate([candidates["search"], mated_ids[0]]), return_inverse=True)
    search = search[: len(candidates)]
    mated = np.zeros(len(ids), dtype=np.bool_)
    mated[np.searchsorted(ids, mated_ids[0][mated_ids[1]])] = True
    distance = _runs_as_distance(candidates, search, hit, direction)
    score = np.where(empty, -np.inf, -candidates["score"] if distance else candidates["score"])
    rank = candidates["rank"] if "rank" in candidates else _ranks(search, score)
    best, mate = np.full(len(ids), -np.inf), np.full(len(ids), -np.inf)
    np.maximum.at(best, search, score)
    np.maximum.at(mate, search[hit], score[hit])
    mate_rank = np.full(len(ids), np.iinfo(np.int64).max)
    np.minimum.at(mate_rank, search[hit], rank[hit])
    sizes = np.full(len(ids), gallery, dtype=np.int64)
    if "gallery" in candidates:
        sizes[search] = candidates["gallery"]
    subject = ids.copy()
    if "subject" in candidates:
        subject[search] = candidates["subject"]
    return Searches(
        mated=mated,
        best=best,
        mate=mate,
        mate_rank=np.where(np.isfinite(mate), mate_rank, 0),
        subject=subject,
        known="subject" in candidates,
        group_of=np.full(len(ids), -1, dtype=np.int16),
        groups=(),
        gallery=sizes,
        number=np.arange(len(ids)),
        listed=Candidates(search=search[~empty], rank=rank[~empty], score=score[~empty], mate=hit[~empty]),
        distance=distance,
    )


def share_at(searches: Searches, measure: str, threshold: float, *, rank: int, group: int | None = None) -> Estimate:
    """FPIR, FNIR or TPIR at a threshold within `rank`, over all or one group, clustered by the subject searched for.

    TPIR is 1 - FNIR: its errors are the misses. No searches of the kind: n 0 and nan. O(searches).
    """
    chosen = ~searches.mated if measure == FPIR else searches.mated
    if group is not None:
        chosen = chosen & (searches.group_of == group)
    if measure == FPIR:
        event = searches.best >= threshold
    else:
        event = (searches.mate < threshold) | (searches.mate_rank < 1) | (searches.mate_rank > rank)
    made = _clustered_estimate(event[chosen], searches.subject[chosen], searches.known)
    return complement(made) if measure == TPIR else made


def complement(one: Estimate) -> Estimate:
    """1 - rate, with its interval turned over: a rate at most x becomes one of at least 1 - x."""
    bound = AT_LEAST if one.bound == AT_MOST else one.bound
    return replace(one, rate=1 - one.rate, low=1 - one.high, high=1 - one.low, bound=bound)


def halved(searches: Searches, seed: int) -> tuple[Searches, Searches]:
    """Two halves without a common subject (or, where subjects are not known, search)."""
    who, number = np.unique(searches.subject, return_inverse=True)
    first = (np.random.default_rng(seed).permutation(len(who)) % 2 == 0)[number]
    return searches.take(first), searches.take(~first)


def returned(searches: Searches, threshold: float) -> tuple[int, int]:
    """How many searches return anybody at or above a threshold, and how many there are."""
    return int((searches.best >= threshold).sum()), len(searches)


def hit_rates(searches: Searches, most: int = MOST_RANKS) -> list[Estimate]:
    """The cumulative match characteristic: the share of mated searches whose mate is within rank 1, 2, … `most`.

    NotEnoughData if no search is of a person not enrolled: CMC says nothing about false alerts, so it is only shown
    with FPIR.
    """
    if not bool((~searches.mated).any()):
        raise NotEnoughData(
            "no search of a person not enrolled: FPIR unknown, CMC not shown",
            accepted="searches of people not enrolled, as in most real use",
        )
    return [share_at(searches, TPIR, -np.inf, rank=r) for r in range(1, most + 1)]


def grouped(searches: Searches, labels: dict[int, str], least: int) -> Searches:
    """The searches with the groups of their subjects; groups with fewer than `least` subjects are closed."""
    words = [labels.get(int(s), "") for s in searches.subject.tolist()]
    counts: dict[str, set[int]] = {}
    for word, who in zip(words, searches.subject.tolist(), strict=True):
        if word:
            counts.setdefault(word, set()).add(who)
    named = sorted(counts)
    groups, _ = large_enough(named, np.array([len(counts[n]) for n in named], dtype=np.int64), least)
    return replace(searches, group_of=coded(words, groups), groups=tuple(groups), known=True)


def _hits(candidates: Table, mates: Table | None) -> tuple[Flags, tuple[Digests, Flags]]:
    """Which candidates are the mate of their search; and the searches known, with whether they have a mate."""
    if "hit" in candidates:
        return candidates["hit"].astype(np.bool_), (candidates["search"], candidates["mated"].astype(np.bool_))
    if mates is None:
        raise InputError(
            "no mates given for the candidate lists",
            accepted="a table of mates (pyeer-true-pairs), or peelian-candidates",
        )
    mated = mates["mated"].astype(np.bool_)
    if not np.isin(mates["search"], candidates["search"]).any():
        raise InputError("no search of the mates file is in the candidate lists", accepted="the mates of these lists")
    true = _paired(mates["search"][mated], mates["mate"][mated])
    return np.isin(_paired(candidates["search"], candidates["candidate"]), true), (mates["search"], mated)


def _paired(first: Digests, second: Digests) -> NDArray[np.uint64]:
    """One 64-bit number per pair of digests; the digests are well mixed, so that two pairs hardly ever share one."""
    return first.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ second.astype(np.uint64)


def _runs_as_distance(candidates: Table, search: NDArray[np.int64], hit: Flags, direction: str) -> bool:
    """Whether lower scores are closer: told by the ranks, or else by the mates' place in their list."""
    score = candidates["score"]
    if "rank" in candidates:
        order = np.lexsort((candidates["rank"], search))
        same = (search[order][1:] == search[order][:-1]) & np.isfinite(score[order][1:])
        step = np.diff(score[order])[same]
        falls, rises = int((step < 0).sum()), int((step > 0).sum())
        if min(falls, rises) > 0.01 * max(falls, rises):
            raise InputError(
                "ranks and scores disagree",
                accepted="lists sorted from the closest candidate",
            )
    else:
        counts = np.bincount(search)
        middle = np.bincount(search, weights=score) / np.maximum(counts, 1)
        falls, rises = int((score[hit] > middle[search[hit]]).sum()), int((score[hit] < middle[search[hit]]).sum())
    found = "distance" if rises > falls else "similarity"
    if direction not in ("auto", found) and falls != rises:
        says = sentence("lists run as a %(found)s", found=sentence(found))
        raise InputError(says, column="direction", accepted=f"direction={found}")
    return (found if direction == "auto" else direction) == "distance"


def _ranks(search: NDArray[np.int64], score: Floats) -> NDArray[np.int64]:
    """Each candidate's rank within its list, the highest score first, ties in the order of the file."""
    order = np.lexsort((np.arange(len(score)), -score, search))
    counts = np.bincount(search)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    rank = np.empty(len(score), dtype=np.int64)
    rank[order] = np.arange(len(score)) - first + 1
    return rank


def _clustered_estimate(event: Flags, subject: NDArray[np.int64], known: bool) -> Estimate:
    n, k = len(event), int(event.sum())
    if n == 0:
        return estimate(0, 0, variance=float("nan"), method=CLUSTERED, single=False, known=known)
    _, who, m = np.unique(subject, return_inverse=True, return_counts=True)
    residual = np.bincount(who, weights=event) - (k / n) * m
    variance = float((residual**2).sum()) / n**2 * len(m) / max(len(m) - 1, 1)
    return estimate(
        k, n, variance=variance, method=CLUSTERED, single=bool((m == 1).all()), known=known, subjects=len(m)
    )
