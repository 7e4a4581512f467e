"""Noise is drawn once, paid before it is drawn, kept before it leaves, and refused when the budget has ended."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any

import pytest
from discrete_laplace import probability
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError, IntegrityError, Refused
from peelian.kernel.disclosure.noise import Question, charges, commitment, overlapping, reach, with_noise
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.vocabulary import NOISE_DRAWN, NOISE_SPENT

BUDGET = 1000


def keyed(text: str) -> str:
    return hmac.digest(b"key", text.encode(), "sha256").hex()


class Office:
    """A log, kept answers and a drawer that counts, and that may fail at any of the three."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.kept: dict[str, tuple[int, ...]] = {}
        self.drawn = 0
        self.fails = ""
        self.acts: list[str] = []

    def log(self, kind: str, **fields: str | int) -> int:
        self._act("log" if kind == NOISE_SPENT else "witness")
        self.entries.append({"kind": kind, **fields})
        return len(self.entries) - 1

    def find(self, digest: str) -> tuple[int, ...] | None:
        return self.kept.get(digest)

    def keep(self, digest: str, answer: tuple[int, ...]) -> None:
        self._act("keep")
        assert self.kept.get(digest, answer) == answer
        self.kept[digest] = answer

    def draw(self, counts: Sequence[int], *, sensitivity: int, milli_epsilon: int) -> tuple[int, ...]:
        self._act("draw")
        self.drawn += 1
        return tuple(count + 100 * self.drawn for count in counts)

    def ask(self, counts: Sequence[int] = (1, 2), **changes: Any) -> tuple[int, ...]:
        return with_noise(
            counts,
            question(**changes),
            BUDGET,
            entries=self.entries,
            answers=self,
            draw=self.draw,
            log=self.log,
            token=keyed,
        )

    def _act(self, name: str) -> None:
        if self.fails == name:
            raise OSError(name)
        self.acts.append(name)


def question(**changes: Any) -> Question:
    parts: dict[str, Any] = {"dataset": "d", "term": "2026", "period": "2026-03", "what": "w", "cells": 2}
    parts |= {"technology": "toy"}
    return Question(**parts | {"milli_epsilon": 400} | changes)


@pytest.fixture
def office() -> Office:
    return Office()


def test_the_same_question_gets_the_same_answer_and_pays_once(office: Office) -> None:
    first = office.ask()
    assert office.ask() == office.ask(counts=(5, 6)) == first == (101, 102)
    assert office.acts == ["log", "draw", "keep", "witness"]
    assert office.entries[0]["left"] == 600


def test_another_period_question_or_accuracy_pays_again_until_the_budget_ends(office: Office) -> None:
    office.ask()
    office.ask(period="2026-04")
    for change in ({"period": "2026-05"}, {"what": "x"}, {"milli_epsilon": 401}):
        with pytest.raises(Refused, match=r"0\.2 is left") as refused:
            office.ask(**change)
        assert refused.value.reasons[0].rule == "a_budget_ends" and "next term" in refused.value.reasons[0].remedy
    assert office.drawn == 2
    office.ask(what="cheaper", milli_epsilon=200)
    with pytest.raises(Refused):
        office.ask(what="one thousandth more", milli_epsilon=1)
    assert office.ask() == (101, 102)  # what is kept is still given


@given(st.lists(st.tuples(st.integers(1, 700), st.integers(0, 3))))
def test_no_more_than_the_budget_is_ever_spent(asked: list[tuple[int, int]]) -> None:
    office = Office()
    for epsilon, what in asked:
        try:
            office.ask(milli_epsilon=epsilon, what=str(what))
        except Refused:
            assert epsilon > BUDGET - sum(charges(office.entries, dataset="d", term="2026", technology="toy").values())
    spent = [int(entry["milli_epsilon"]) for entry in office.entries if entry["kind"] == NOISE_SPENT]
    assert sum(spent) <= BUDGET
    assert office.drawn == len(office.kept) == len(spent) == len(office.entries) / 2


@pytest.mark.parametrize("where", ["log", "draw", "keep", "witness"])
def test_a_failure_anywhere_lets_nothing_out_and_a_retry_pays_once(office: Office, where: str) -> None:
    office.fails = where
    with pytest.raises(OSError, match=where):
        office.ask()
    kept = dict(office.kept)
    assert bool(kept) == (where == "witness")
    office.fails = ""
    assert office.ask() == office.ask()
    assert not kept or kept == office.kept, "what was kept is what is answered"
    assert [entry["kind"] for entry in office.entries] == [NOISE_SPENT, NOISE_DRAWN]


@pytest.mark.parametrize("older", ["none", "another"])
def test_kept_answers_older_than_the_log_are_refused_and_nothing_is_drawn_anew(office: Office, older: str) -> None:
    before = dict(office.kept)
    office.ask()
    office.kept = before if older == "none" else dict.fromkeys(office.kept, (101, 103))
    entries = list(office.entries)
    with pytest.raises(Refused, match="older than the log" if older == "none" else "differs from the one drawn") as no:
        office.ask()
    assert (
        no.value.reasons[0].rule == "noise_is_drawn_once" and "Restore the answers folder" in no.value.reasons[0].remedy
    )
    assert office.drawn == 1 and office.entries == entries
    assert office.ask(period="2026-04"), "another period is answered"


def test_the_log_holds_no_count_and_another_key_another_commitment(office: Office) -> None:
    office.ask(counts=(77_777_777, 88_888_888))
    told = str(office.entries)
    assert "77777877" not in told and "88888988" not in told
    (drawn,) = [entry for entry in office.entries if entry["kind"] == NOISE_DRAWN]
    answer = office.kept[str(drawn["question"])]
    assert drawn["answer"] == commitment(str(drawn["question"]), answer, keyed)
    assert drawn["answer"] != commitment(str(drawn["question"]), answer, lambda text: keyed(text + " "))


def test_an_answer_from_before_there_were_witnesses_is_witnessed_when_it_is_asked_for_again(office: Office) -> None:
    first = office.ask()
    office.entries = [{k: v for k, v in office.entries[0].items() if k != "witnessed"}]
    assert office.ask() == first and [entry["kind"] for entry in office.entries] == [NOISE_SPENT, NOISE_DRAWN]
    office.entries, office.kept = office.entries[:1], {}
    with pytest.raises(Refused, match="older than the log"):
        office.ask()


def test_a_kept_answer_whose_charge_the_log_lost_is_paid_again_and_given(office: Office) -> None:
    first = office.ask()
    office.entries = []
    assert office.ask() == first and office.drawn == 1
    assert charges(office.entries, dataset="d", term="2026", technology="toy") == {question().digest: 400}


def test_only_this_dataset_s_and_this_term_s_charges_count() -> None:
    entries: list[Entry] = [
        {"kind": NOISE_SPENT, "dataset": "d", "term": "2026", "question": "a", "milli_epsilon": 5},
        {"kind": NOISE_SPENT, "dataset": "d", "term": "2026", "question": "a", "milli_epsilon": 5},
        {"kind": NOISE_SPENT, "dataset": "d", "term": "2026", "question": "b", "milli_epsilon": 7},
        {"kind": NOISE_SPENT, "dataset": "e", "term": "2026", "question": "c", "milli_epsilon": 9},
        {"kind": NOISE_SPENT, "dataset": "d", "term": "2025", "question": "d", "milli_epsilon": 9},
        {"kind": "OPENED", "dataset": "d"},
    ]
    assert charges(entries, dataset="d", term="2026", technology="toy") == {"a": 5, "b": 7}


@pytest.mark.parametrize(
    ("counts", "changes"),
    [
        ((1,), {}),
        ((1, -1), {}),
        ((1, 2.5), {}),
        ((1, True), {}),
        ((1, 1 << 60), {}),
        ((), {"cells": 0}),
        ((1, 2), {"milli_epsilon": 0}),
        ((1, 2), {"sensitivity": 0}),
    ],
)
def test_bad_questions_cost_nothing(office: Office, counts: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        office.ask(counts, **changes)
    assert not office.acts


def test_an_answer_of_another_length_is_damage(office: Office) -> None:
    office.kept[question().digest] = (1,)
    with pytest.raises(IntegrityError):
        office.ask()


def test_every_part_of_a_question_is_in_its_digest() -> None:
    changes = [
        {"dataset": "e"},
        {"term": "t"},
        {"period": "p"},
        {"what": "v"},
        {"cells": 3},
        {"milli_epsilon": 1},
        {"sensitivity": 2},
    ]
    assert len({question().digest, *(question(**change).digest for change in changes)}) == 1 + len(changes)


@pytest.mark.parametrize(
    ("period", "is_told"),
    [
        ("2026-03-01..2026-03-31", False),  # the very same days
        ("2026-03-01..2026-03-30", True),
        ("2026-03-31..2026-04-30", True),
        ("2026-02-01..2026-03-01", True),
        ("2026-01-01..2026-12-31", True),
        ("2026-03-15", True),
        ("2026-02-01..2026-02-28", False),
        ("2026-04-01..2026-04-30", False),
    ],
)
def test_days_that_two_releases_share_could_be_subtracted(period: str, is_told: bool) -> None:
    spent = {"kind": NOISE_SPENT, "dataset": "d", "technology": "toy", "question": "another", "period": period}
    asked = question(period="2026-03-01..2026-03-31")
    assert bool(list(overlapping([spent], asked))) == is_told
    assert not list(overlapping([{**spent, "dataset": "e"}], asked))


@pytest.mark.parametrize("milli_epsilon", [50, 500, 1000, 3000])
@pytest.mark.parametrize("sensitivity", [1, 4])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.999])
def test_the_reach_is_the_smallest_that_holds(milli_epsilon: int, sensitivity: int, level: float) -> None:
    def within(w: int) -> float:
        return sum(probability(x, sensitivity=sensitivity, milli_epsilon=milli_epsilon) for x in range(-w, w + 1))

    w = reach(sensitivity=sensitivity, milli_epsilon=milli_epsilon, level=level)
    assert within(w) >= level - 1e-12
    assert w == 0 or within(w - 1) < level
