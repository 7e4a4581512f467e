"""The daily job waits a day where the clock jumped, once; and a clock that is not believed stops all but a few acts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from peelian.kernel.log.clock_guard import FAR, SERVER, Jobs, doubt, may_be_unconfirmed

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def _jobs(*days: float) -> Jobs:
    jobs = Jobs()
    jobs.began(BEGAN.isoformat())
    for day in days:
        jobs.done((BEGAN + timedelta(days=day)).isoformat())
    return jobs


def _jumped(jobs: Jobs, day: float) -> int:
    return jobs.jumped(BEGAN + timedelta(days=day))


def test_a_log_without_entries_has_no_clock_to_jump() -> None:
    assert Jobs().jumped(BEGAN) == 0


def test_a_month_is_no_jump_and_a_second_more_is_one() -> None:
    assert _jumped(_jobs(), FAR.days) == 0 and _jumped(_jobs(), FAR.days + 0.00002) == 31
    assert _jumped(_jobs(20), 50) == 0 and _jumped(_jobs(20), 52) == 32


def test_it_waits_a_day_and_no_longer_however_often_it_is_asked() -> None:
    jobs = _jobs(100, 100.5, 100.9)
    assert _jumped(jobs, 100.99) == 100 and _jumped(jobs, 101) == 0
    assert _jumped(_jobs(100, 100.5, 101), 101) == 0


def test_a_job_that_says_nothing_of_having_waited_is_counted_as_one_that_should_have() -> None:
    assert _jumped(_jobs(1, 400), 400.5) == 399


def test_a_second_jump_waits_anew() -> None:
    assert _jumped(_jobs(100, 200), 200.5) == 100 and _jumped(_jobs(100, 200), 201) == 0


def test_a_clock_put_back_counts_from_then() -> None:
    jobs = _jobs(4_000)
    jobs.put_back((BEGAN + timedelta(days=2)).isoformat())
    assert _jumped(jobs, 3) == 0 and jobs.last == (BEGAN + timedelta(days=2)).isoformat()


def test_the_present_is_doubted_a_month_beyond_the_log_and_an_hour_beyond_the_server() -> None:
    moment = timedelta(seconds=1)
    assert doubt(BEGAN + FAR, BEGAN, None, timedelta(0)) is None
    assert doubt(BEGAN + FAR + moment, BEGAN, None, timedelta(0)) is not None
    for agreed in (timedelta(0), timedelta(minutes=40)):
        assert doubt(BEGAN + SERVER + agreed, BEGAN, BEGAN, agreed) is None
        assert doubt(BEGAN + SERVER + agreed + moment, BEGAN, BEGAN, agreed) is not None


def test_at_a_time_that_nobody_confirmed_people_suspend_and_confirm_and_nothing_else() -> None:
    may = [{"kind": "SUSPENDED", "by": "a person"}, {"kind": "SESSION_BEGAN"}, {"kind": "APPROVED", "act": "clock"}]
    may_not = [
        {"kind": "SUSPENDED", "by": "office"},  # by a date, which is what is doubted
        {"kind": "SESSION_BEGAN", "until": "2027-01-01"},  # a program's
        {"kind": "APPROVED", "act": "rotate_keys"},
        {"kind": "OPENED"},
    ]
    assert all(map(may_be_unconfirmed, may)) and not any(map(may_be_unconfirmed, may_not))
