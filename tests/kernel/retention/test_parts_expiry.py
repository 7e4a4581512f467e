"""Kept parts are gone after a week, and before where a dataset they were computed from goes."""

from __future__ import annotations

from kept import Town
from kept import embedded as embedded

from peelian.kernel.retention import expiry_job
from peelian.kernel.retention.parts_expiry import end_due_parts


def test_the_daily_job_ends_what_is_a_week_old_and_no_run_opens_it_before(embedded: Town) -> None:
    town, kernel = embedded, embedded.desk.kernel
    town.begun().keep(0).fails()
    file = town.file
    town.desk.clock.days(6.9)
    end_due_parts(kernel)
    assert sorted(town.begun().found()) == [0]
    town.desk.clock.days(0.2)
    assert town.begun().found() == {}
    end_due_parts(kernel)
    assert (
        not kernel.state.objects.parts and not file.exists() and town.logged("PARTS_DESTROYED")[0]["why"] == "expired"
    )


def test_parts_go_with_the_dataset(embedded: Town) -> None:
    town, kernel = embedded, embedded.desk.kernel
    run = town.begun().keep(0)
    town.desk.clock.days(0.1)
    run.fails()
    end_due_parts(kernel)
    assert kernel.state.objects.parts
    kernel.append("QUEUED", dataset=town.dataset, by="office", why="due")
    end_due_parts(kernel)
    assert not kernel.state.objects.parts and town.logged("PARTS_DESTROYED")[0]["why"] == "dataset"


def test_the_daily_job_has_it_done(embedded: Town) -> None:
    embedded.begun().keep(0).fails()
    embedded.desk.clock.days(1.5)
    embedded.desk.clock.days(7)
    expiry_job.sweep(embedded.desk.kernel)
    assert not embedded.desk.kernel.state.objects.parts
