"""A job goes on by itself, tells how far it is, and keeps its result or its error for whoever looks."""

from __future__ import annotations

import threading

import pytest

from peelian.errors import InputError
from peelian.operations.jobs import Job


def test_a_job_tells_how_far_it_is_and_keeps_its_result() -> None:
    go_on, told = threading.Event(), threading.Event()

    def work(tell: object) -> int:
        assert callable(tell)
        tell("Reading", 1.7)
        told.set()
        go_on.wait(10)
        return 7

    job = Job(work)
    assert told.wait(10) and not job.ended
    assert (job.says, job.share) == ("Reading", 1.0)
    go_on.set()
    assert job.wait(10) and job.ended and job.result == 7 and job.error is None


def test_an_error_is_kept_for_whoever_looks() -> None:
    def work(tell: object) -> None:
        raise InputError("no")

    job = Job(work)
    assert job.wait(10) and isinstance(job.error, InputError) and job.result is None
    with pytest.raises(InputError):
        job.outcome()
