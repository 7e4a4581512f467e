"""Signals name whom they concern and no one else; ordinary work and explained oddities raise none."""

from __future__ import annotations

from precinct import Precinct, ordinary_week, person, precinct

from peelian.kernel.records.office_records import hold, subject_token
from peelian.oversight.breach.report import merged_subjects, of_one_event, report_of
from peelian.oversight.breach.signals import (
    Copy,
    altered_log,
    lost_copy,
    lost_export,
    signals_in,
    without_people,
)
from peelian.oversight.review.accesses import accesses


def tokens(at: Precinct, *people: str) -> frozenset[str]:
    return frozenset(subject_token(at.desk.kernel, one) for one in people)


def test_ordinary_work_and_a_few_unexplained_looks_raise_nothing() -> None:
    at = precinct()
    ordinary_week(at)
    at.look("anna", person(1), case="")
    assert signals_in(at.desk.kernel) == ()


def test_a_borrowed_session_concerns_those_seen_from_the_odd_address_only() -> None:
    at = precinct()
    ordinary_week(at)
    at.look("anna", person(1), session="s")
    at.look("anna", person(2), person(3), session="s", address="elsewhere")
    (signal,) = signals_in(at.desk.kernel)
    assert signal.kind == "session_misused" and signal.subjects == tokens(at, person(2), person(3))
    assert signal.sessions == {"s"} and signal.exposure == {at.dataset: "readable"}
    assert report_of(signal.body()) == signal


def test_looking_again_and_again_is_a_signal_unless_it_is_explained() -> None:
    at = precinct()
    for _ in range(5):
        at.look("anna", person(7))
    assert signals_in(at.desk.kernel) == ()
    for _ in range(6):
        at.look("bela", person(8), case="")
    (signal,) = signals_in(at.desk.kernel)
    assert (signal.kind, signal.subjects) == ("records_snooped", tokens(at, person(8)))


def test_a_lost_export_concerns_everybody_in_its_batch() -> None:
    at = precinct()
    (index, _) = at.look("anna", person(1), person(2), action="export")
    batch = str(dict(at.desk.kernel.stores.log.read())[index]["batch"])
    signal = lost_export(at.desk.kernel, batch, at="2026-03-03T00:00:00+00:00")
    assert signal is not None and signal.subjects == tokens(at, person(1), person(2))
    assert lost_export(at.desk.kernel, "no-such-batch", at="") is None


def test_a_lost_copy_says_what_its_keys_open() -> None:
    at = precinct()
    name = hold(at.desk.kernel, at.desk.people["clerk"], at.dataset, b"records")
    other = hold(at.desk.kernel, at.desk.people["clerk"], "elsewhere", b"records")
    closed = lost_copy(at.desk.kernel, Copy(objects=frozenset({name}), opens=frozenset(), found="2026-03-03"))
    assert closed.exposure == {at.dataset: "encrypted"} and len(closed.subjects) == 60
    opened = lost_copy(at.desk.kernel, Copy(objects=frozenset({name, other}), opens=frozenset({name}), found="x"))
    assert opened.exposure == {at.dataset: "readable", "elsewhere": "encrypted"}


def test_an_altered_log_concerns_whose_accesses_stood_there() -> None:
    at = precinct()
    (first,) = at.look("anna", person(1))
    at.look("anna", person(2))
    signal = altered_log(accesses(at.desk.kernel), [first, 0], at="2026-03-03T00:00:00+00:00")
    assert signal.subjects == tokens(at, person(1))
    assert altered_log([], [3], at="x").entries == (3,)
    nobody = without_people("log_stopped", started="a", ended="b")
    assert merged_subjects([signal, nobody]) == signal.subjects


def test_two_reports_of_one_event_are_of_one_event() -> None:
    at = precinct()
    (index,) = at.look("anna", person(1), action="export")
    batch = str(dict(at.desk.kernel.stores.log.read())[index]["batch"])
    one, two = (lost_export(at.desk.kernel, batch, at=t) for t in ("2026-03-03", "2026-03-04"))
    assert one is not None and two is not None and of_one_event(one, two)


def test_a_whole_dataset_that_was_handed_over_and_lost_concerns_everybody_in_it() -> None:
    at = precinct()
    index = at.desk.kernel.append("DELIVERED", case=at.case, dataset=at.dataset, by="t")
    signal = lost_export(at.desk.kernel, str(index), at="2026-03-03T00:00:00+00:00")
    assert signal is not None and len(signal.subjects) == 60
    assert lost_export(at.desk.kernel, str(index - 1), at="") is None
