"""Noise: exact discrete Laplace, drawn once for each question and period, paid from a finite budget.

The log is the witness of what was drawn: a commitment to each answer, keyed so that no count can be guessed from it, is
logged before the answer leaves. Kept answers that lack one, or that are others, were put back from an old backup: then
nothing is drawn anew, for two draws of one count tell more of it than was paid for.

A count c leaves as c + X where P(X = x) is proportional to exp(-|x| / scale), scale = sensitivity / epsilon. If one
record changes at most `sensitivity` in all the cells of a question together, the answer is epsilon-differentially
private (Ghosh, Roughgarden and Sundararajan 2012; Canonne, Kamath and Steinke 2020). Epsilon is kept in thousandths,
whole numbers, so that the log can hold it and sums are exact. The sampling is an adapter's:
`integrations.opendp_noise`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from peelian.errors import InputError, IntegrityError, Reason, Refused, sentence
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.vocabulary import NOISE_DRAWN, NOISE_SPENT
from peelian.measure.canonical import canonical_digest

LARGEST_COUNT = 1 << 53
SENSOR_DAY = 1_000
"""Thousandths of epsilon that may be spent on one day of a sensor (`dataset` "sensor-" and its id)."""
YEARLY = 3_000
"""Thousandths of epsilon that may be spent on one kind of records (a shape) of one year. The town's bylaws may say less
by refusing a publication; nothing says more."""


class Draw(Protocol):
    """Adds noise to counts."""

    def __call__(self, counts: Sequence[int], *, sensitivity: int, milli_epsilon: int) -> tuple[int, ...]:
        """Each count plus its own draw of the exact discrete Laplace distribution of that scale."""
        ...


class Answers(Protocol):
    """Keeps what was drawn, so that a question answered twice gets the same answer."""

    def find(self, digest: str) -> tuple[int, ...] | None:
        """The answer kept under a question's digest; None where there is none."""
        ...

    def keep(self, digest: str, answer: tuple[int, ...]) -> None:
        """Keep an answer so that it survives a power cut; nothing is ever overwritten."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a dataset in a period. `what` is the digest of everything that says which cells are counted.

    `term` is the span that a budget covers ("2026"), `period` the span in it that one answer stands for, as `span_of`
    reads it ("2026-01-01..2026-03-31"). A registrar takes no other.
    """

    dataset: str
    term: str
    period: str
    what: str
    cells: int
    milli_epsilon: int
    technology: str  # whose records: two technologies may use one word for them
    sensitivity: int = 1

    @property
    def digest(self) -> str:
        """The question's digest: the same question in the same period has the same, and gets the same answer."""
        parts = [self.dataset, self.term, self.period, self.what, self.cells, self.milli_epsilon, self.sensitivity]
        return canonical_digest(["noise", *parts])


def with_noise(
    counts: Sequence[int],
    question: Question,
    budget: int,
    *,
    entries: Iterable[Entry],
    answers: Answers,
    draw: Draw,
    log: Callable[..., int],
    token: Callable[[str], str],
) -> tuple[int, ...]:
    """The counts with noise: the kept answer where the question was answered before, else a new draw that is paid for.

    `budget`: thousandths of epsilon that may be spent on the question's dataset in its term. `entries` are the log's
    entries (only those of noise count), `log(kind, **fields)` appends one, `token` is a keyed digest of a text. The
    order is: check the budget, log what is spent, draw, keep, log what was drawn, return; so no answer leaves that is
    not paid, kept and witnessed, and a crash costs at most a charge that the same question may use again. Call it under
    the office's lock.

    Raises Refused when the budget does not suffice, with what is left, and where the kept answers are older than the
    log. O(entries + cells).
    """
    _check(counts, question)
    known, told = answers.find(question.digest), list(entries)
    if known is not None and len(known) != question.cells:
        raise IntegrityError("A stored noisy answer has a different number of cells from its question.")
    drawn = witnessed(told).get(question.digest)
    if drawn is not None and (known is None or commitment(question.digest, known, token) != drawn):
        raise Refused([_drawn_once(known is not None)])
    _pay(question, budget, told, log, answered=known is not None)
    if drawn is not None and known is not None:
        return known
    answer = known or tuple(draw(counts, sensitivity=question.sensitivity, milli_epsilon=question.milli_epsilon))
    if len(answer) != question.cells:
        raise IntegrityError("The noise drawn has a different number of cells from the question.")
    answers.keep(question.digest, answer)
    made = commitment(question.digest, answer, token)
    log(NOISE_DRAWN, dataset=question.dataset, term=question.term, question=question.digest, answer=made)
    return answer


def _pay(question: Question, budget: int, told: list[Entry], log: Callable[..., int], *, answered: bool) -> None:
    """Log what the question costs, where it was not paid yet. An answer that is kept is paid for in any case: the log
    that said so was lost."""
    paid = charges(told, dataset=question.dataset, term=question.term, technology=question.technology)
    if question.digest in paid:
        if not answered and not _is_witnessed(told, question.digest):
            raise Refused([_drawn_once(False)])
        return
    left = budget - sum(paid.values())
    if question.milli_epsilon > left and not answered:
        raise Refused([_too_little(question, left)])
    log(
        NOISE_SPENT,
        dataset=question.dataset,
        technology=question.technology,
        term=question.term,
        period=question.period,
        question=question.digest,
        milli_epsilon=question.milli_epsilon,
        left=max(0, left - question.milli_epsilon),
        witnessed=1,
    )


def commitment(question: str, answer: tuple[int, ...], token: Callable[[str], str]) -> str:
    """What the log says of an answer: from it nobody without the office's key finds a count."""
    return token(f"{question} {','.join(map(str, answer))}")


def witnessed(entries: Iterable[Entry]) -> Mapping[str, str]:
    """The commitment to every answer that was drawn, by its question's digest. O(entries)."""
    return {str(entry["question"]): str(entry["answer"]) for entry in entries if entry.get("kind") == NOISE_DRAWN}


def _is_witnessed(told: list[Entry], question: str) -> bool:
    """Whether it was paid when answers were witnessed already: one that nobody witnessed then has never left."""
    return any(e.get("kind") == NOISE_SPENT and e.get("question") == question and "witnessed" in e for e in told)


def span_of(period: str) -> tuple[str, str] | None:
    """The first and the last day of a period, which is a day or two with dots between; None where it is none.

    >>> span_of("2026-03-01"), span_of("2026-01-01..2026-12-31"), span_of("2026-12-31..2026-01-01")
    (('2026-03-01', '2026-03-01'), ('2026-01-01', '2026-12-31'), None)
    """
    first, between, last = period.partition("..")
    days = (first, last if between else first)
    try:
        is_one = all(len(day) == 10 and date.fromisoformat(day).isoformat() == day for day in days)
    except ValueError:
        return None
    return days if is_one and days[0] <= days[1] else None


def overlapping(entries: Iterable[Entry], asked: Question) -> Iterator[tuple[str, str]]:
    """The spans of earlier releases of these records that the question's could be subtracted from: none where this
    very question was paid for. O(entries)."""
    mine, question = span_of(asked.period), asked.digest
    for entry in entries:
        if not _spent_on(entry, asked.dataset, asked.technology):
            continue
        theirs = span_of(str(entry.get("period", "")))
        if mine is None or theirs is None:
            continue
        if entry.get("question") == question and theirs == mine:
            return  # its answer is kept
        if theirs[0] <= mine[1] and mine[0] <= theirs[1] and theirs != mine:
            yield theirs


def charges(entries: Iterable[Entry], *, dataset: str, term: str, technology: str) -> Mapping[str, int]:
    """What the log says was spent on a dataset in a term: thousandths of epsilon by question's digest. O(entries)."""
    return {
        str(entry.get("question")): int(entry.get("milli_epsilon", 0))
        for entry in entries
        if _spent_on(entry, dataset, technology) and entry.get("term") == term
    }


def _spent_on(entry: Entry, dataset: str, technology: str) -> bool:
    """Whether an entry charges these records. One of before technologies were named counts for whoever asks."""
    of_them = entry.get("kind") == NOISE_SPENT and entry.get("dataset") == dataset
    return of_them and entry.get("technology", technology) == technology


def reach(*, sensitivity: int = 1, milli_epsilon: int, level: float = 0.95) -> int:
    """The smallest w with P(|X| <= w) >= level: how far a noisy count lies from the true one, at most, so often.

    From P(|X| > w) = 2 a^(w + 1) / (1 + a).

    >>> reach(milli_epsilon=1000)
    3
    """
    rate = milli_epsilon / 1000 / sensitivity
    w = math.log((1 - level) * (1 + math.exp(-rate)) / 2) / -rate - 1
    return max(0, math.ceil(w - 1e-9))


def _check(counts: Sequence[int], question: Question) -> None:
    if min(question.milli_epsilon, question.sensitivity, question.cells) < 1:
        raise InputError("not a question for noise", accepted="epsilon, sensitivity and cells from 1 on")
    if len(counts) != question.cells:
        raise InputError(f"{len(counts):,} counts for a question of {question.cells:,} cells")
    if not all(isinstance(c, int) and not isinstance(c, bool) and 0 <= c < LARGEST_COUNT for c in counts):
        raise InputError("a value is not a count", accepted="whole numbers, 0 or more")


def _drawn_once(is_another: bool) -> Reason:
    lacks = "A noisy answer to this question is logged but not stored. The stored answers are older than the log."
    other = "the stored answer differs from the one drawn"
    return Reason(
        rule="noise_is_drawn_once",
        says=other if is_another else lacks,
        remedy="Restore the answers folder from its newest backup. Without it, this question cannot be answered again.",
    )


def _too_little(question: Question, left: int) -> Reason:
    return Reason(
        rule="a_budget_ends",
        says=sentence(
            "This question costs %(what2)g of noise budget. %(what)g is left.",
            what=left / 1000,
            what2=question.milli_epsilon / 1000,
        ),
        remedy=(
            "Use answers already stored for this term, request more noise (a smaller epsilon), or wait for the "
            "next term."
        ),
    )
