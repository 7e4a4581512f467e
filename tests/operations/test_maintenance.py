"""An open office beats its heart, asks its witness in time, lets warrants lapse, and shuts when the witness objects."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from boxes import BOXES, CONTENT
from broker import until
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from desk import Hands
from toy import TOY

import peelian.operations.maintenance
import peelian.operations.office
from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.integrations.witness_server import BoardWitness, witness_server
from peelian.kernel.identity.dual_control import approve, propose, rotate_keys
from peelian.kernel.identity.step_up import prove
from peelian.kernel.log.witness_protocol import Witness
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Declaration
from peelian.kernel.retention import retention
from peelian.kernel.verbs import custody
from peelian.operations.maintenance import Maintenance
from peelian.operations.office import Office, memory_office, new_office, open_office
from peelian.operations.witness_choice import choose_now
from peelian.oversight.verification.verifier import verify_log
from peelian.oversight.watches.zone_levels import LEVEL

DECLARED = Declaration(
    title="Boxes", purposes=("disclosure",), legal_basis="a test", minimisation="nothing more", retention_days=36_500,
    source="made by the test",
)  # fmt: skip


@pytest.fixture
def office(tmp_path: Path, clock: Hands, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY, BOXES))
    with new_office(tmp_path / "office", name="Town", clock=clock) as made:
        custodian = made.enrol("custodian", name="c", unit="it", roles={Role.CUSTODIAN})
        made.enrol("board", name="b", unit="board", roles={Role.BOARD}, by=custodian)
        yield made


@pytest.fixture
def witness(tmp_path: Path, office: Office) -> Iterator[Witness]:
    """The board's witness, running, that watches the office's log."""
    from peelian.kernel.log.signed_note import read_key

    key = read_key((tmp_path / "office" / "log" / "log.vkey").read_text().strip())
    signer = Ed25519PrivateKey.generate()
    board = BoardWitness(
        tmp_path / "witness", name="board.example/w", signer=signer, logs=[key], clock=lambda: datetime.now(UTC)
    )
    server = witness_server(board, host="127.0.0.1", port=0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Witness(key=board.key, url=f"http://127.0.0.1:{server.server_address[1]}/")
    server.shutdown()
    server.server_close()
    board.close()


def _maintenance(office: Office) -> Maintenance:
    assert office.maintenance is not None
    return office.maintenance


def _kinds(office: Office) -> list[str]:
    return [str(entry["kind"]) for _, entry in office.kernel.stores.log.read()]


def test_a_heart_beats_only_where_nothing_else_was_said(office: Office, clock: Hands) -> None:
    maintenance = _maintenance(office)
    maintenance.tick()
    assert "HEARTBEAT" not in _kinds(office)
    clock.now += timedelta(seconds=61)
    maintenance.tick()
    maintenance.tick()
    assert _kinds(office).count("HEARTBEAT") == 1


def test_once_a_day_what_is_past_its_time_goes_and_the_log_says_so(office: Office, clock: Hands) -> None:
    maintenance, custodian = _maintenance(office), office.operator("custodian")
    clerk = office.enrol("clerk", name="k", unit="records", roles={Role.CLERK}, by=custodian)
    more = {"name": "p", "unit": "privacy", "roles": {Role.PRIVACY_OFFICER}}
    officer = office.enrol("po", **more, by=custodian, second=office.operator("board"))
    retention.define(office.kernel, officer, "stop", days=30, words="as the bylaw says")
    kept = custody.keep(office.kernel, clerk, DECLARED, io.BytesIO(CONTENT), format="box")
    retention.tag(office.kernel, clerk, kept.dataset, ("stop",), words="as the bylaw says")
    maintenance.tick()
    assert "SWEPT" not in _kinds(office), "the office is not a day old"
    maintenance.stopwatch = lambda: clock.now.timestamp()  # the clock is right
    for days, kinds in ((1, 0), (30, 1), (1, 1), (6, 1)):
        clock.now += timedelta(days=days)
        maintenance.tick()
        maintenance.tick()
        assert _kinds(office).count("QUEUED") == kinds
    assert _kinds(office).count("SWEPT") == 4 and _kinds(office).count("SHREDDED") == 1
    assert kept.dataset in office.kernel.state.destroyed and office.verdict().ok


def test_a_clock_that_runs_ahead_makes_no_second_job(office: Office, clock: Hands) -> None:
    maintenance, passed = _maintenance(office), 0.0
    maintenance.stopwatch = lambda: passed
    for _ in range(100):  # a day with every minute
        clock.now += timedelta(days=1)
        passed += 60
        maintenance.tick()
    assert _kinds(office).count("SWEPT") == 1 and maintenance.clock_runs_fast()
    passed += 20 * 3600
    maintenance.tick()
    assert [e.get("waited") for _, e in office.kernel.stores.log.read() if e["kind"] == "SWEPT"] == [None, 99]
    assert not maintenance.clock_runs_fast()


def test_provisional_warrants_wait_with_the_daily_job_where_the_clock_jumped(
    office: Office, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    maintenance, asked = _maintenance(office), []
    maintenance.stopwatch = lambda: clock.now.timestamp()
    monkeypatch.setattr(peelian.operations.maintenance, "let_lapse", lambda kernel: asked.append(kernel.now()))
    clock.now += timedelta(days=3)
    maintenance.tick()
    assert len(asked) == 1
    clock.now += timedelta(days=400)
    maintenance.tick()
    assert len(asked) == 1
    clock.now += timedelta(days=1)
    maintenance.tick()
    assert len(asked) == 2


def test_a_daily_job_that_fails_keeps_nothing_else_waiting_and_is_tried_again_in_an_hour(
    office: Office, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    maintenance, tried = _maintenance(office), []

    def fails(kernel: object) -> None:
        tried.append(kernel)
        raise OutOfOrder("the disk is away")

    monkeypatch.setattr(peelian.operations.maintenance, "sweep_in_slices", fails)
    clock.now += timedelta(days=1)
    for minutes in (0, 2, 59):
        clock.now += timedelta(minutes=minutes)
        with suppress(OutOfOrder):
            maintenance.tick()
    assert len(tried) == 2 and _kinds(office).count("HEARTBEAT") == 3


def test_the_witness_is_asked_at_once_then_after_60_seconds_or_256_entries(
    office: Office, witness: Witness, clock: Hands, tmp_path: Path
) -> None:
    maintenance = _maintenance(office)
    choose_now(office, office.operator("board"), witness.key.text, witness.url)
    answer = maintenance.tick()
    assert answer is not None and answer.cosigned
    assert maintenance.tick() is None
    for _ in range(300):
        office.kernel.append("HEARTBEAT", entries=1)
    grown = maintenance.tick()
    assert grown is not None and grown.cosigned and grown.size > answer.size
    assert maintenance.tick() is None
    clock.now += timedelta(seconds=61)
    later = maintenance.tick()
    assert later is not None and later.cosigned
    assert _kinds(office).count("WITNESSED") == 1, "said once, when it changed"
    verdict = verify_log(tmp_path / "office" / "log", witnesses=[witness.key.text])
    assert verdict.ok, verdict.says


def test_a_witness_that_is_away_is_said_once_and_asked_again(
    office: Office, witness: Witness, clock: Hands, tmp_path: Path
) -> None:
    maintenance = _maintenance(office)
    maintenance.witness = Witness(key=witness.key, url="http://127.0.0.1:9/", seconds=0.5)
    for _ in range(2):
        answer = maintenance.tick()
        assert answer is not None and not answer.cosigned
        clock.now += timedelta(seconds=61)
    assert _kinds(office).count("UNWITNESSED") == 1
    maintenance.witness = witness
    answer = maintenance.tick()
    assert answer is not None and answer.cosigned and _kinds(office)[-1] == "WITNESSED"


def test_the_choice_is_kept_and_changing_it_takes_two_people(
    office: Office, witness: Witness, clock: Hands, tmp_path: Path
) -> None:
    custodian, board = office.operator("custodian"), office.operator("board")
    with pytest.raises(InputError):
        choose_now(office, custodian, "no key", witness.url)
    with pytest.raises(OutOfOrder, match="No proposal"):
        choose_now(office, custodian, witness.key.text, witness.url)  # the board chooses the first one
    choose_now(office, board, witness.key.text, witness.url)
    body = {"witness": witness.key.text, "url": "http://127.0.0.1:9/"}
    for one in (custodian, board):
        with pytest.raises(OutOfOrder, match="No proposal"):
            choose_now(office, one, witness.key.text, "http://127.0.0.1:9/")
    digest = propose(office.kernel, custodian, "log", words="the witness moved house", body=body)
    prove(office.kernel, board)
    approve(office.kernel, board, digest)
    with pytest.raises(OutOfOrder, match="for another action"):
        choose_now(office, custodian, witness.key.text, "http://127.0.0.1:8/", proposal=digest)
    choose_now(office, custodian, witness.key.text, "http://127.0.0.1:9/", proposal=digest)
    office.close()
    with open_office(tmp_path / "office", clock=clock) as again:
        chosen = _maintenance(again).witness
        assert chosen is not None and chosen.url == "http://127.0.0.1:9/" and chosen.key == witness.key


def test_in_the_background_it_ticks_and_an_objection_shuts_the_office(
    office: Office, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def objects(log: object, asked: object, *, seen: int) -> None:
        raise IntegrityError("what it cosigned before does not begin this log")

    maintenance = _maintenance(office)
    maintenance.witness = witness
    monkeypatch.setattr("peelian.operations.maintenance.ask_witness", objects)
    with pytest.raises(IntegrityError, match="begin this log"), maintenance.attended(seconds=0.01):
        until(lambda: maintenance.alarm is not None)
    assert maintenance.alarm is not None and "begin this log" in str(maintenance.alarm)
    with pytest.raises(IntegrityError, match="begin this log"):
        office.kernel.append("HEARTBEAT", entries=1)


def test_in_the_background_it_outlives_files_running_out(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    maintenance, ticks = _maintenance(office), []

    def tick(self: object) -> None:
        ticks.append(1)
        if len(ticks) < 3:
            raise OSError(24, "Too many open files")

    monkeypatch.setattr(type(maintenance), "tick", tick)
    with maintenance.attended(seconds=0.01):
        until(lambda: len(ticks) > 3)
    assert maintenance.alarm is None


def test_keys_are_rotated_only_when_two_people_agreed(office: Office) -> None:
    custodian, board = office.operator("custodian"), office.operator("board")
    digest = propose(office.kernel, custodian, "rotate_keys", words="the yearly rotation is due")
    with pytest.raises(OutOfOrder):
        rotate_keys(office.kernel, custodian, digest)
    prove(office.kernel, board)
    approve(office.kernel, board, digest)
    rotate_keys(office.kernel, custodian, digest)
    assert _kinds(office)[-2:] == ["CARRIED_OUT", "ROTATED"]
    with memory_office(known=(TOY,)) as memory, pytest.raises(OutOfOrder):
        rotate_keys(memory.kernel, custodian, digest)


def test_what_was_appended_is_signed_once_a_minute(office: Office, clock: Hands) -> None:
    assert office.maintenance is not None and office.path is not None
    checkpoint = office.path / "log" / "checkpoint"

    def signed() -> int:
        return int(checkpoint.read_text().splitlines()[1]) if checkpoint.exists() else 0

    office.maintenance.tick()
    first = signed()
    assert first == office.kernel.stores.log.size() > 0
    office.kernel.append("HEARTBEAT", entries=1)
    office.maintenance.tick()
    assert signed() == first, "not yet: a minute is not over"
    clock.now += timedelta(seconds=61)
    office.maintenance.tick()
    assert signed() > first


@pytest.mark.parametrize("puts_right", [True, False], ids=["office", "registrar"])
def test_what_a_dead_process_left_is_ended_but_by_no_registrar(office: Office, puts_right: bool) -> None:
    """A registrar's clients hold what they work on in a database of their own: to it a living run looks dead."""
    assert office.maintenance is not None
    office.kernel.append("KEEPING", dataset="box-1", format="box", by=office.operator("custodian").person.token)
    office.maintenance.puts_right = puts_right
    office.maintenance.tick()
    assert ("box-1" in office.kernel.state.unfinished) is not puts_right


def test_live_levels_are_deleted_within_a_day_though_nobody_measures_or_looks(office: Office, clock: Hands) -> None:
    assert office.maintenance is not None
    office.kernel.stores.tickets.put_all(LEVEL, {"real square": "sealed"}, office.kernel.now())
    office.maintenance.tick()
    assert office.kernel.stores.tickets.all(LEVEL)
    clock.now += timedelta(hours=24, minutes=1)
    office.maintenance.tick()
    assert not office.kernel.stores.tickets.all(LEVEL)
