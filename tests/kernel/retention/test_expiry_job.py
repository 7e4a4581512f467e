"""The archive's own retention: what is over dies with its key, what is needed lives on, and the log stays whole."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from deciding import read_and_decide
from desk import Desk, Hands, confirm_clock, parts
from stored import done_to, put_back, rows_of
from toy import COUNT, PROVE
from years import SHORTS, at_desks

from peelian.errors import IntegrityError, OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.identity.dual_control import approve, propose
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.archive_partitions import CARRIED, CASES, DAYS
from peelian.kernel.model.capability import AuthorizationKind, Role
from peelian.kernel.retention import retention
from peelian.kernel.retention.expiry_job import (
    AT_IT,
    expire,
    expire_in_slices,
    has_jumped,
    is_due,
    kept_classes,
    must_be_whole,
    remove_unless_at_work,
    sweep,
)
from peelian.kernel.retention.retention_roots import keepers
from peelian.kernel.state.kernel import Kernel, OfficeState
from peelian.operations.office import open_office
from peelian.oversight.review.explanations import grounds_of
from peelian.oversight.transparency.register import case_record, page
from peelian.oversight.verification.verifier import verify_log

MARKER = "Marker: the baker of the third house complained"


def _decided(town: Desk) -> str:
    """A case that is published, with its words."""
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    words = {"reasons": MARKER, "other_evidence": f"document: {MARKER}"}
    decision = read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **words)
    verbs.publish(town.kernel, town.people["clerk"], decision, statement=MARKER)
    return decision.case


def _documents(folder: Path) -> list[tuple[Any, ...]]:
    """What stands in the database of documents, sealed."""
    return rows_of(folder / "state" / "state.db", "SELECT * FROM documents ORDER BY digest, partition")


def _none_is_read(kernel: Kernel, gone: tuple[str, ...]) -> None:
    """Documents of these partitions are there again, and nobody can read them."""
    partitions = kernel.stores.archive.partitions()
    live = {digest for partition, digests in partitions.items() if partition not in gone for digest in digests}
    returned = {digest for partition in gone for digest in partitions[partition]} - live  # a public copy may be one
    assert len(returned) >= 4
    for digest in returned:
        with pytest.raises(OutOfOrder, match="cannot be read again"):
            kernel.stores.archive.get(digest)


def test_with_the_clock_put_back_no_time_is_made_shorter_and_nothing_goes(folder: Path, clock: Hands) -> None:
    """Else the 30 days' notice of a shorter time could be had at once: said forty days ago, over today."""
    with open_office(folder, clock=clock) as office:
        _decided(at_desks(office, clock))
    clock.now += timedelta(days=92 + 190)
    with open_office(folder, clock=clock) as office:
        sweep(office.kernel)
        entries = len(list(office.kernel.stores.log.read()))
    with (folder / "office.toml").open("a") as file:
        file.write('keep_cases_days = "183"\n')
    clock.now -= timedelta(days=40)
    with open_office(folder, clock=clock) as office:
        for job in (sweep, expire):
            with pytest.raises(Refused, match="behind the log"):
                job(office.kernel)
        assert len(list(office.kernel.stores.log.read())) == entries
    clock.now += timedelta(days=41)
    with open_office(folder, clock=clock) as office:
        assert expire(office.kernel).partitions == ()
        assert office.kernel.state.partitions.days(CASES, clock()) == DAYS[CASES], "the notice begins today"


def test_where_the_clock_jumped_the_job_waits_a_day_and_says_so(town: Desk, folder: Path, clock: Hands) -> None:
    """Twelve years ahead in one night: nobody would be asked, and everything gone."""
    _decided(town)
    kept = town.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes)
    there, began = _documents(folder), clock.now
    assert has_jumped(town.kernel) == 0
    clock.days(12 * 365)
    assert is_due(town.kernel) and has_jumped(town.kernel) == 12 * 365
    done, gone = sweep(town.kernel)
    assert (done.queued, done.destroyed, gone.partitions) == ((), (), ()) and _documents(folder) == there
    (_, said) = list(town.kernel.stores.log.read())[-1]
    assert (said["kind"], said["waited"]) == ("SWEPT", 12 * 365)
    for hours in (1, 22):  # a timer that runs more often puts nothing off
        clock.now += timedelta(hours=hours)
        assert sweep(town.kernel)[0].queued == () and _documents(folder) == there
    clock.days(40)
    assert sweep(town.kernel)[0].queued == () and has_jumped(town.kernel) == 40, "it jumped again"
    clock.days(1.01)
    done, gone = sweep(town.kernel)
    assert kept.dataset in done.queued and "cases.2026q1" in gone.partitions and has_jumped(town.kernel) == 0
    assert clock.now - began > timedelta(days=12 * 365)


def test_once_the_clock_is_put_back_by_two_people_the_job_goes_on_from_today(town: Desk, clock: Hands) -> None:
    _decided(town)
    right = clock.now
    clock.days(12 * 365)
    sweep(town.kernel)
    clock.now = right + timedelta(hours=1)
    digest = propose(town.kernel, town.people["custodian"], "clock", words="it ran ahead by years")
    prove(town.kernel, town.people["board"])
    approve(town.kernel, town.people["board"], digest)
    assert not is_due(town.kernel) and has_jumped(town.kernel) == 0
    clock.days(1.01)
    assert is_due(town.kernel) and sweep(town.kernel)[1].partitions == ()
    assert has_jumped(town.kernel) == 0, "it did not wait: a day had passed"


def test_every_document_lies_on_the_partition_of_its_class_and_quarter(town: Desk, folder: Path) -> None:
    _decided(town)
    with pytest.raises(Refused):
        verbs.ask(town.kernel, town.people["clerk"], "toy.count", purpose="advice", params=COUNT.asks.params())
    partitions = town.kernel.stores.archive.partitions()
    assert {partition.partition(".")[0] for partition in partitions} == {
        "cases",
        "people",
        "authorizations",
        "data",
        "register",
        "refusals",
    }
    assert {partition.partition(".")[2] for partition in partitions} == {"2026q1"}
    assert {one.retention: one.documents > 0 for one in kept_classes(town.kernel)}["cases"]


def test_nothing_goes_before_its_time(town: Desk, clock: Hands) -> None:
    _decided(town)
    clock.days(DAYS["refusals"])  # the quarter and its days are not over
    assert expire(town.kernel).partitions == ()


def test_a_case_past_its_time_is_gone_for_good_and_the_log_stays_whole(town: Desk, folder: Path, clock: Hands) -> None:
    case = _decided(town)
    backup = _documents(folder)  # as a town would: the keys are never in it
    clock.days(DAYS["cases"] + 95)
    done = expire(town.kernel)
    assert "cases.2026q1" in done.partitions and done.documents > 0
    kinds = town.kinds()
    assert kinds.index("PARTITION_DESTROYED") < kinds.index("PARTITION_SHREDDED")
    with pytest.raises(OutOfOrder, match=r"destroyed on 2033-\d\d-\d\d at the end of its retention"):
        case_record(town.kernel, case)
    assert [one.state for one in page(town.kernel).cases] == ["published"], "lists are told from the log"
    assert grounds_of(town.kernel).by_case == {}
    town.office.close()
    assert verify_log(folder / "log").ok
    put_back(folder / "state" / "state.db", "documents", backup)
    with open_office(folder, clock=clock) as again:
        _none_is_read(again.kernel, done.partitions)
        with pytest.raises(OutOfOrder, match="destroyed on"):
            case_record(again.kernel, case)
        expire(again.kernel)  # removes what came back
        assert not set(done.partitions) & set(again.kernel.stores.archive.partitions())


def test_a_partition_whose_key_comes_back_with_its_documents_is_destroyed_again(
    town: Desk, folder: Path, clock: Hands
) -> None:
    _decided(town)
    town.office.checkpoint()
    state, keys, backup = folder / "state" / "state.db", folder / "keys" / "store" / "keys.db", _documents(folder)
    old = {table: rows_of(keys, f"SELECT * FROM {table}") for table in ("keys", "heads")}  # noqa: S608
    clock.days(DAYS["cases"] + 95)
    done = expire(town.kernel)
    town.office.close()
    for table, rows in old.items():
        put_back(keys, table, rows)
    put_back(state, "documents", backup)
    live = rows_of(keys, "SELECT object FROM keys WHERE length(wrapped) > 0")
    assert {f"partition {name}" for name in done.partitions} <= {name for (name,) in live}, "their keys are there again"
    with open_office(folder, clock=clock) as again:
        assert not set(done.partitions) & set(again.kernel.stores.archive.partitions()), "what came back is removed"
        put_back(state, "documents", backup)
        _none_is_read(again.kernel, done.partitions)


def test_a_key_that_somebody_put_back_alone_is_destroyed_by_the_next_job(
    town: Desk, folder: Path, clock: Hands
) -> None:
    _decided(town)
    keys, backup = folder / "keys" / "store" / "keys.db", _documents(folder)
    wrapped = rows_of(keys, "SELECT * FROM keys")
    clock.days(DAYS["cases"] + 95)
    done = expire(town.kernel)
    put_back(keys, "keys", wrapped)
    put_back(folder / "state" / "state.db", "documents", backup)
    expire(town.kernel)
    assert not set(done.partitions) & set(town.kernel.stores.archive.partitions())
    put_back(folder / "state" / "state.db", "documents", backup)
    _none_is_read(town.kernel, done.partitions)


def _lose_one(folder: Path, partition: str) -> None:
    """A document of a partition is not there any more."""
    statement = "DELETE FROM documents WHERE digest = (SELECT min(digest) FROM documents WHERE partition = ?)"
    assert done_to(folder / "state" / "state.db", statement, partition) == 1


def test_the_state_is_folded_without_what_is_gone_and_people_and_authorizations_in_force_live_on(
    town: Desk, folder: Path, clock: Hands
) -> None:
    _decided(town)
    clock.days(DAYS["authorizations"] + 95)
    done = expire(town.kernel)
    assert {s.partition(".")[0] for s in done.partitions} == {"cases", "people", "authorizations", "data", "register"}
    assert done.carried >= len(SHORTS)
    people = dict(town.kernel.state.people)
    town.office.close()
    with open_office(folder, clock=clock) as again:
        assert again.kernel.state.people == people, "the people enrolled now"
        assert set(again.kernel.state.datasets) == set(town.kernel.state.datasets), "datasets that are there"
        assert not [p for p in again.kernel.state.authorizations.values() if p.ends > again.kernel.now().isoformat()]
        confirm_clock(again.kernel, again.operator("custodian"), again.operator("board"))
        fresh = again.enrol("new", name="New", unit="x", roles={Role.ANALYST}, by=again.operator("custodian"))
        assert fresh.person.token in again.kernel.state.people
        assert parts(dataclasses.replace(again.kernel, state=OfficeState())) == parts(again.kernel)


def test_an_open_case_and_a_held_one_keep_their_documents(town: Desk, clock: Hands) -> None:
    town.authorizations(COUNT)
    verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))  # nobody decides
    (waiting,) = town.kernel.state.histories.values()
    case = _decided(town)
    held = next(str(e["dataset"]) for _, e in town.kernel.state.histories[case].entries if "dataset" in e)
    hold = retention.hold(town.kernel, town.people["privacy-officer"], held, words="a court asks for it")
    clock.days(DAYS["register"] + 95)
    assert expire(town.kernel).carried > 0
    assert case_record(town.kernel, waiting.case).evidence is not None
    assert case_record(town.kernel, case).publication is not None
    retention.release(town.kernel, town.people["board"], held, hold, words="the court is done with it")
    assert not keepers(town.kernel)(town.kernel.state.histories[case])
    clock.days(1)
    expire(town.kernel)  # the day after, what is needed no longer goes
    with pytest.raises(OutOfOrder, match="at the end of its retention period"):
        case_record(town.kernel, case)
    assert case_record(town.kernel, waiting.case).evidence is not None


def test_what_comes_to_be_needed_between_two_slices_is_carried_over_too(town: Desk, clock: Hands) -> None:
    case = _decided(town)
    held = next(str(e["dataset"]) for _, e in town.kernel.state.histories[case].entries if "dataset" in e)
    clock.days(DAYS["cases"] + 95)
    job, slices = expire_in_slices(town.kernel), 0
    for _ in job:
        slices += 1
        if (
            f"data.{CARRIED}-" in " ".join(town.kernel.stores.archive.partitions())
            and held not in town.kernel.state.retention.holds
        ):
            retention.hold(town.kernel, town.people["privacy-officer"], held, words="a court asks for it")
    assert held in town.kernel.state.retention.holds and slices > 4
    assert case_record(town.kernel, case).publication is not None, "the hold came when copying had begun"
    must_be_whole(town.kernel)


def test_an_office_opened_while_another_is_at_the_job_leaves_what_that_one_copies(town: Desk, clock: Hands) -> None:
    case = _decided(town)
    held = next(str(e["dataset"]) for _, e in town.kernel.state.histories[case].entries if "dataset" in e)
    retention.hold(town.kernel, town.people["privacy-officer"], held, words="a court asks for it")
    clock.days(DAYS["cases"] + 95)
    copied: set[str] = set()
    for _ in expire_in_slices(town.kernel):
        now = {partition for partition in town.kernel.stores.archive.partitions() if f".{CARRIED}-" in partition}
        if now - copied:
            remove_unless_at_work(town.kernel)
            with town.kernel.stores.lease(AT_IT, False) as nobody:
                assert not nobody, "who begins the job now waits"
        copied |= now
    assert copied and case_record(town.kernel, case).publication is not None
    must_be_whole(town.kernel)


def test_an_accuracy_report_in_force_keeps_the_case_it_was_earned_by(town: Desk, clock: Hands) -> None:
    town.authorization(AuthorizationKind.ACCEPTANCE_CRITERIA, PROVE)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(PROVE))
    words = {"reasons": "the bars were met", "other_evidence": "document: what the residents said"}
    read_and_decide(town.kernel, town.people["board"], evidence, choice="adopt", **words)
    history = next(t for t in town.kernel.state.histories.values() if t.capability == PROVE.id)
    assert keepers(town.kernel)(history)
    clock.days(4_000)
    assert not keepers(town.kernel)(history)


def test_what_an_interruption_left_is_completed(town: Desk, clock: Hands) -> None:
    case = _decided(town)
    clock.days(DAYS["cases"] + 95)
    archive = town.kernel.stores.archive

    class Dying:
        def __getattr__(self, name: str) -> object:
            return getattr(archive, name)

        def destroy_partition(self, partition: str) -> int:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        expire(dataclasses.replace(town.kernel, stores=dataclasses.replace(town.kernel.stores, archive=Dying())))  # type: ignore[arg-type]
    assert town.kinds()[-1] == "PARTITION_DESTROYED"
    expire(town.kernel)
    assert not town.kernel.state.partitions.pending
    with pytest.raises(OutOfOrder):
        case_record(town.kernel, case)


def test_a_copy_that_the_log_does_not_know_of_is_removed(town: Desk) -> None:
    town.kernel.stores.archive.put("a" * 64, b"x", partition="cases.carried-99")
    expire(town.kernel)
    assert "cases.carried-99" not in town.kernel.stores.archive.partitions()


def test_a_carried_document_that_is_taken_away_is_found(town: Desk, folder: Path, clock: Hands) -> None:
    _decided(town)
    clock.days(DAYS["people"] + 95)
    expire(town.kernel)
    (carried,) = (name for name in town.kernel.stores.archive.partitions() if name.startswith(f"people.{CARRIED}"))
    town.office.close()
    _lose_one(folder, carried)
    with open_office(folder, clock=clock) as again, pytest.raises(IntegrityError, match="carried over"):
        dict(again.kernel.state.people)


def test_a_missing_document_is_no_destroyed_one(town: Desk, folder: Path, clock: Hands) -> None:
    town.office.close()
    _lose_one(folder, "people.2026q1")
    with open_office(folder, clock=clock) as again, pytest.raises(IntegrityError, match="archive lacks a document"):
        dict(again.kernel.state.people)


def test_a_shorter_time_in_the_settings_is_in_the_log_and_waits_for_its_notice(
    town: Desk, folder: Path, clock: Hands
) -> None:
    _decided(town)
    town.office.close()
    settings = folder / "office.toml"
    settings.write_text(settings.read_text() + "keep_cases_days = 365\n")
    clock.days(460)
    with open_office(folder, clock=clock) as office:
        assert expire(office.kernel).partitions == ()
        (_, said) = list(office.kernel.stores.log.read())[-1]
        assert (said["kind"], said["retention"], said["days"]) == ("KEPT_FOR", "cases", 365)
        clock.days(31)
        assert expire(office.kernel).partitions == ("cases.2026q1",)


def test_findings_under_a_warrant_do_not_outlive_their_cases(town: Desk, clock: Hands) -> None:
    case = _decided(town)
    root = "ab" * 32
    town.kernel.stores.archive.put("f" * 64, b"findings", partition=f"warrant-{root[:32]}")
    town.kernel.append("STARTED", case=case, before="x" * 64, warrant=root)
    clock.days(DAYS[CASES] + 200)
    assert f"warrant-{root[:32]}" in expire(town.kernel).partitions


def test_nothing_readable_is_left_in_the_archive_of_a_case_that_is_gone(town: Desk, folder: Path, clock: Hands) -> None:
    _decided(town)
    cases = "cases.2026q1"
    assert cases in {row[1] for row in _documents(folder)}
    clock.days(DAYS["register"] + 95)
    expire(town.kernel)
    must_be_whole(town.kernel)
    assert cases not in {row[1] for row in _documents(folder)}
    held = [
        town.kernel.stores.archive.get(m)
        for digests in town.kernel.stores.archive.partitions().values()
        for m in digests
    ]
    assert not any(MARKER in json.dumps(document.decode("utf-8", "replace")) for document in held)


def test_a_year_of_days_says_nothing_twice(town: Desk, clock: Hands) -> None:
    _decided(town)
    for _ in range(5):
        clock.now += timedelta(days=1)
        expire(town.kernel)
    assert town.kinds().count("KEPT_FOR") == len(DAYS)


def test_what_was_carried_by_entries_that_the_log_lacks_is_never_removed(town: Desk, clock: Hands) -> None:
    _decided(town)
    clock.days(DAYS["people"] + 95)
    expire(town.kernel)
    (carried,) = [
        partition for partition in town.kernel.stores.archive.partitions() if partition.startswith(f"people.{CARRIED}")
    ]
    town.kernel.state.partitions.carried.clear()  # as an older log has it
    with pytest.raises(IntegrityError, match="The log is older than the archive"):
        expire(town.kernel)
    assert carried in town.kernel.stores.archive.partitions()


def test_an_older_log_is_found_by_the_keys_that_are_gone_though_nothing_is_carried(town: Desk, clock: Hands) -> None:
    _decided(town)
    clock.days(DAYS["cases"] + 95)
    expire(town.kernel)
    must_be_whole(town.kernel)
    del town.kernel.state.partitions.destroyed["cases.2026q1"]  # as an older log has it
    with pytest.raises(IntegrityError, match=r"but this log has no such entry. The log is older than the archive"):
        must_be_whole(town.kernel)
