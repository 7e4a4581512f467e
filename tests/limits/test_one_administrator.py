"""The log on a machine of one administrator: what somebody with every key of the office tries, and who notices.

Each test is one attempt. What stays possible is asserted, too, so that SECURITY.md and these tests agree.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from attempts import attempts
from hypothesis import assume, given
from hypothesis import strategies as st
from toy import TOY

import peelian.operations.office
from peelian.demos.rewrite import RewrittenLog, entries_in, rewrite
from peelian.demos.witness import Board, choose, cosigned, witness_of
from peelian.errors import InputError, IntegrityError, Objection, OutOfOrder
from peelian.integrations.witness_client import Witnessing, ask_witness
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.log.entry_schema import encode_entry, known_entry
from peelian.kernel.log.signed_note import read_key
from peelian.kernel.model.capability import Role
from peelian.operations.backup import MANIFEST, back_up, must_be_whole
from peelian.operations.office import Office, new_office, open_office
from peelian.operations.witness_choice import choose_now
from peelian.operations.witness_standing import LATE, standing_of, witness_standing
from peelian.oversight.verification.verifier import Verdict, verify_log
from peelian.storage.operator_keys import load_key

OWN_KEY = "Checked by its own key only"


@dataclass(frozen=True)
class Machine:
    """The office's folder, with every key in it, and the board's witness elsewhere, which has cosigned 40 entries."""

    folder: Path
    board: Board
    apart: Path  # room for copies

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def verdict(self, log: Path, *, witness: bool) -> Verdict:
        """What a visitor finds who has the published key of the log, and the witness's or not."""
        return verify_log(log, key=self.board.log, witnesses=[self.board.witness.key.text] if witness else [])

    def rewritten(self, log: Path, entries: list[bytes]) -> RewrittenLog:
        """The copy `log` published anew with the office's own key."""
        shutil.copytree(self.log, log)
        origin = self.board.log.partition("+")[0]
        return rewrite(log, entries, origin, load_key(self.folder / "keys" / "log.pem"))

    def entries(self) -> list[bytes]:
        return entries_in(self.log, self.verdict(self.log, witness=True).size)


@contextmanager
def watched(folder: Path) -> Iterator[Machine]:
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
        office = new_office(folder / "office", name="Town")
        with witness_of(office, folder / "board") as board:
            with office:
                custodian = office.enrol("custodian", name="c", unit="it", roles={Role.CUSTODIAN})
                bo = office.enrol("board", name="b", unit="board", roles={Role.BOARD}, by=custodian)
                choose(office, {"custodian": custodian, "board": bo}, board)
                _goes_on(office, 40)
                assert cosigned(office).cosigned
            yield Machine(folder=folder / "office", board=board, apart=folder / "apart")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with watched(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def rewritable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """One machine for many rewrites, each of a copy of its own."""
    with watched(tmp_path_factory.mktemp("machine")) as made:
        yield made


def _goes_on(office: Office, size: int) -> None:
    while (n := office.kernel.stores.log.size()) < size:
        office.kernel.append("HEARTBEAT", entries=n)


def _refused(log: RewrittenLog, board: Board) -> str:
    with pytest.raises(Objection) as objection:
        ask_witness(log, board.witness)
    return str(objection.value)


def test_a_rewrite_with_the_offices_own_key_deceives_only_who_has_no_other_key(machine: Machine) -> None:
    entries, copy = machine.entries(), machine.apart
    log = machine.rewritten(copy, [*entries[:20], entries[19], *entries[21:], entries[-1]])
    alone = machine.verdict(copy, witness=False)
    assert alone.ok and OWN_KEY in alone.says, "this stays possible where nobody has a witness's key"
    assert "entries were rewritten" in _refused(log, machine.board)
    assert "the log was rewritten" in machine.verdict(copy, witness=True).says
    shutil.copy(machine.log / "checkpoint.witnessed", copy)
    for witness in (True, False):
        assert "covers other entries: the log was rewritten" in machine.verdict(copy, witness=witness).says


def test_a_rewrite_of_the_same_size_is_refused_as_a_fork(machine: Machine) -> None:
    entries = machine.entries()
    log = machine.rewritten(machine.apart, [*entries[:20], entries[19], *entries[21:]])
    assert "a rollback or a fork" in _refused(log, machine.board)


def test_a_truncation_is_refused_and_named(machine: Machine) -> None:
    log = machine.rewritten(machine.apart, machine.entries()[:-3])
    assert machine.verdict(machine.apart, witness=False).ok, "by its own key a shorter log is a log"
    assert "a rollback or a fork" in _refused(log, machine.board)
    assert not machine.verdict(machine.apart, witness=True).ok
    shutil.copy(machine.log / "checkpoint.witnessed", machine.apart)
    assert "the log was rolled back" in machine.verdict(machine.apart, witness=True).says


def test_a_fork_shown_to_one_visitor_is_vouched_for_up_to_where_it_forks(machine: Machine) -> None:
    """What stays possible: entries after the last cosignature, for as long as the visitor takes an old one."""
    shutil.copytree(machine.folder, machine.apart)
    with open_office(machine.folder) as office:
        _goes_on(office, 44)
        cosigned(office)
    with open_office(machine.apart) as fork:
        _goes_on(fork, 50)
        fork.checkpoint()
        shown = machine.verdict(machine.apart / "log", witness=True)
        true = machine.verdict(machine.log, witness=True)
        assert shown.ok and shown.cosigned[0].size < 44 < shown.size and true.cosigned[0].size == 44
        assert f"cosigned {shown.cosigned[0].size} of them" in shown.says
        later = shown.cosigned[0].at + LATE + timedelta(seconds=1)
        assert "own key only" in standing_of("board", (shown.cosigned[0].size, shown.cosigned[0].at), later).says
        with pytest.raises(Objection, match=r"rewritten|fork"):
            cosigned(fork)


def test_what_is_done_in_a_copy_of_the_office_stands_in_the_copys_log_alone(machine: Machine) -> None:
    """What stays possible: work in a copy that nobody is shown. Its log tells of it, and is another log from there."""
    shutil.copytree(machine.folder, machine.apart)
    before = machine.entries()
    with open_office(machine.apart) as copy:
        by = copy.operator("custodian")
        copy.enrol("clerk", name="k", unit="records", roles={Role.CLERK}, by=by)
        copy.checkpoint()
    assert machine.entries() == before and machine.verdict(machine.log, witness=False).ok
    told = machine.verdict(machine.apart / "log", witness=False)
    assert told.ok and told.size > len(before)
    with open_office(machine.folder) as office:
        _goes_on(office, told.size + 1)
        cosigned(office)
    with open_office(machine.apart) as copy, pytest.raises(Objection, match=r"rewritten|fork|rollback"):
        cosigned(copy)


def test_a_rollback_to_an_old_backup_of_everything_ends_at_the_witness(machine: Machine) -> None:
    shutil.copytree(machine.folder, machine.apart)
    with open_office(machine.folder) as office:
        _goes_on(office, 60)
        cosigned(office)
    shutil.rmtree(machine.folder)
    shutil.copytree(machine.apart, machine.folder)
    with open_office(machine.folder) as old:  # with every key, nothing in the office can notice
        assert witness_standing(old).vouches and machine.verdict(machine.log, witness=True).ok
        with pytest.raises(Objection, match="rollback"):
            cosigned(old)
        assert "rewritten or set back" in witness_standing(old).says
    with open_office(machine.folder) as again, pytest.raises(IntegrityError, match="rollback"):
        again.kernel.append("HEARTBEAT", entries=40)


def test_who_keeps_a_rolled_back_office_from_its_witness_is_betrayed_by_the_date(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stays possible: a day, until every page says that only the log's own key vouches for it."""
    now = peelian.operations.office._utc_now
    monkeypatch.setattr(peelian.operations.office, "_utc_now", lambda: now() + LATE + timedelta(minutes=1))
    with open_office(machine.folder) as old:
        standing = witness_standing(old)
        assert not standing.vouches and "checked against its own key only" in standing.says


def test_an_old_head_put_back_is_a_true_log_of_another_day(machine: Machine) -> None:
    old = {name: (machine.log / name).read_bytes() for name in ("checkpoint", "checkpoint.witnessed")}
    size = machine.verdict(machine.log, witness=True).size
    with open_office(machine.folder) as office:
        _goes_on(office, 60)
        cosigned(office)
        for name, data in old.items():
            (machine.log / name).write_bytes(data)
        shown = machine.verdict(machine.log, witness=True)
        assert shown.ok and shown.size == size < 60, "it was true once: only its size and date tell"
        office.checkpoint()
        assert machine.verdict(machine.log, witness=False).size == 60, "the office shows its newest head again"
    stale = RewrittenLog(tree=machine.rewritten(machine.apart, machine.entries()[:size]).tree, signed=old["checkpoint"])
    assert "a rollback or a fork" in _refused(stale, machine.board)


def test_a_witness_of_the_administrator_cosigns_whatever_they_want(machine: Machine, tmp_path: Path) -> None:
    """What stays possible where the witness is a second folder of the same administrator: everything. Its key says so
    to nobody; that it answers on the office's own machine is said."""
    entries = machine.entries()
    log = machine.rewritten(machine.apart, [*entries[:20], entries[19], *entries[21:]])
    (memory,) = (tmp_path / "board").glob("*.checkpoint")
    shutil.copytree(tmp_path / "board", tmp_path / "emptied", ignore=shutil.ignore_patterns(memory.name, "lock"))
    kept: list[bytes] = []

    class Deceived(RewrittenLog):
        def keep_witnessed(self, cosigned: bytes, witnesses: object) -> None:
            kept.append(cosigned)

    with open_office(machine.folder) as office:
        assert "on the office's own machine" in witness_standing(office).remedy
        with witness_of(office, tmp_path / "emptied") as own:  # the same key, and no memory
            answer = ask_witness(Deceived(tree=log.tree, signed=log.signed), own.witness)
    assert isinstance(answer, Witnessing) and answer.cosigned and own.witness.key == machine.board.witness.key
    (machine.apart / "checkpoint.witnessed").write_bytes(kept[0])
    assert machine.verdict(machine.apart, witness=True).ok


def test_another_witness_needs_two_people_and_its_key_is_another(machine: Machine, tmp_path: Path) -> None:
    entries = machine.entries()
    machine.rewritten(machine.apart, [*entries[:20], entries[19], *entries[21:]])
    with open_office(machine.folder) as office, witness_of(office, tmp_path / "own") as own:
        custodian = office.operator("custodian")
        with pytest.raises(OutOfOrder, match="Two people are needed"):
            choose_now(office, custodian, own.witness.key.text, own.witness.url)
        assert office.maintenance is not None
        office.maintenance.witness = own.witness  # as by an edit of office.toml
        _goes_on(office, 44)
        cosigned(office)
        assert "changed by hand" in witness_standing(office).says
    assert "did not cosign" in machine.verdict(machine.log, witness=True).says, "the board's key still is the board's"


def test_the_logs_own_key_is_no_witness(machine: Machine) -> None:
    with open_office(machine.folder) as office:
        custodian, board = office.operator("custodian"), office.operator("board")
        body = {"witness": machine.board.log, "url": machine.board.witness.url}
        proposal = dual_control.propose(office.kernel, custodian, "log", words="for this very test", body=body)
        step_up.prove(office.kernel, board)
        dual_control.approve(office.kernel, board, proposal)
        with pytest.raises(InputError, match="not a witness"):
            choose_now(office, custodian, machine.board.log, machine.board.witness.url, proposal=proposal)
    with pytest.raises(InputError, match="not the key of a witness"):
        verify_log(machine.log, key=machine.board.log, witnesses=[machine.board.log])


def test_an_office_without_a_witness_says_what_it_is_worth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    with new_office(tmp_path / "office", name="Town") as office:
        office.enrol("custodian", name="c", unit="it", roles={Role.CUSTODIAN})
        assert OWN_KEY in office.verdict().says
        assert "checked against its own key only" in witness_standing(office).says


def test_a_cosignature_says_when(machine: Machine) -> None:
    verdict = machine.verdict(machine.log, witness=True)
    assert read_key(machine.board.witness.key.text) == machine.board.witness.key
    assert abs(verdict.cosigned[0].at - datetime.now(verdict.cosigned[0].at.tzinfo)) < timedelta(minutes=5)


CHANGES = st.lists(st.tuples(st.integers(0, 39), st.integers(0, 2), st.integers(0, 40), st.integers(0, 2)), max_size=4)


@attempts(25)
@given(CHANGES, st.integers(0, 8), st.integers(0, 3))
def test_no_rewrite_of_what_was_cosigned_is_cosigned(
    rewritable: Machine, changes: list[tuple[int, int, int, int]], cut: int, more: int
) -> None:
    """Entries left out, repeated, put in place of others and forged; cut short; and longer again."""
    true = rewritable.entries()[:40]
    forged = encode_entry({"v": 1, "t": known_entry(true[-1])["t"], "kind": "HEARTBEAT", "entries": 7})
    made, other = list(true), [*true, forged]
    for at, gone, which, times in changes:
        made[at : at + gone] = [other[which]] * times
    made = made[: len(made) - cut] + [forged] * more
    assume(made[:40] != true)
    copy = replace(rewritable, apart=rewritable.apart.with_name("copy"))
    shutil.rmtree(copy.apart, ignore_errors=True)
    log = copy.rewritten(copy.apart, made)
    assert _refused(log, copy.board) and not copy.verdict(copy.apart, witness=True).ok
    shutil.copy(copy.log / "checkpoint.witnessed", copy.apart)
    assert not copy.verdict(copy.apart, witness=True).ok


@pytest.fixture(scope="module")
def backed_up(rewritable: Machine) -> Path:
    back_up(rewritable.folder, "custodian", rewritable.apart.with_name("backup"))
    return rewritable.apart.with_name("backup")


@attempts(80)
@given(
    st.data(), st.sampled_from(["cut", "repeat", "bend", "remove", "add", "another's", "deep"]), st.integers(0, 10**6)
)
def test_no_damaged_backup_passes_for_a_whole_one(backed_up: Path, data: st.DataObject, how: str, at: int) -> None:
    """A part of a file, or of the list of files, cut off, repeated or bent; a file removed, added or another's."""
    files = sorted(path for path in backed_up.rglob("*") if path.is_file())
    path, other = data.draw(st.sampled_from(files)), data.draw(st.sampled_from(files))
    assume(how != "bend" or path.name != MANIFEST)  # the list is not signed: it may say another number of entries
    was = path.read_bytes()
    cut = at % len(was) if was else 0
    bent = was[:cut] + bytes([was[cut] ^ 1] if was else [1]) + was[cut + 1 :]
    made = {"cut": was[:cut], "repeat": was + was[cut:] + b"}", "bend": bent, "another's": other.read_bytes()}
    made |= {"deep": b"[" * 9_000, "remove": b"", "add": was}
    assume(made[how] != was or how in ("add", "remove"))
    to = path.with_name(path.name + ".old") if how == "add" else path
    try:
        to.write_bytes(made[how])
        if how == "remove":
            to.unlink()
        with pytest.raises((InputError, IntegrityError)):
            must_be_whole(backed_up)
    finally:
        to.unlink(missing_ok=True)
        path.write_bytes(was)
    assert must_be_whole(backed_up) > 40
