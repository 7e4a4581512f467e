"""With the complete old key folder nothing new is opened and nobody acts by a session or token of before."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from proofs import a_pass

from peelian.errors import InputError, IntegrityError, PeelianError
from peelian.kernel.identity.dual_control import approve
from peelian.kernel.identity.sessions import Sessions
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.model.ports import Named
from peelian.kernel.records.office_records import hold
from peelian.operations.key_renewal import propose_renewal, renew_keys
from peelian.operations.office import Office, new_office, open_office
from peelian.oversight.breach.containment import objects_of, rotate_keys
from peelian.storage.database import open_database
from peelian.storage.document_rows import DocumentRows
from peelian.storage.key_store import FILE, RING, open_key_store
from peelian.storage.people_names import NameRows
from peelian.storage.schema import METADATA


@pytest.fixture
def town(tmp_path: Path) -> Office:
    """An office whose whole key folder was copied, open."""
    path = tmp_path / "office"
    with new_office(path, name="Town") as made:
        custodian = made.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
        made.enrol("board", name="B", unit="board", roles={Role.BOARD}, by=custodian)
        made.enrol("clerk", name="K", unit="desk", roles={Role.CLERK}, by=custodian)
        hold(made.kernel, custodian, "before", b"what was said before")
    shutil.copytree(path / "keys", tmp_path / "stolen")
    return open_office(path)


def test_the_old_ring_opens_no_record_that_was_sealed_after_the_rotation(town: Office, tmp_path: Path) -> None:
    with town:
        (old,) = objects_of(town.kernel)
        custodian = town.operator("custodian")
        rotate_keys(town.kernel, custodian)
        new = hold(town.kernel, custodian, "since", b"what was said since")
    store = tmp_path / "stolen" / "store"
    thief = open_key_store(store)
    assert thief.unwrapped(old), "a copy of before stays readable, with the data of before"
    with pytest.raises(InputError, match="no such object"):
        thief.unwrapped(new)
    thief.close()
    shutil.copytree(tmp_path / "office" / "keys" / "store", tmp_path / "later")
    shutil.rmtree(tmp_path / "later" / RING)  # the wrapped keys were taken later, too, and the new ring was not
    shutil.copytree(store / RING, tmp_path / "later" / RING)
    assert (tmp_path / "later" / FILE).exists()
    for object in (old, new):
        with pytest.raises(IntegrityError):
            unwrapped_of(tmp_path / "later", object)


def unwrapped_of(folder: Path, object: str) -> bytes:
    thief = open_key_store(folder)
    try:
        return thief.unwrapped(object)
    finally:
        thief.close()


def test_the_old_folder_reads_no_document_and_no_name_of_the_same_quarter_put_after_the_rotation(
    town: Office, tmp_path: Path
) -> None:
    with town:
        archive, directory, custodian = town.kernel.stores.archive, town.kernel.stores.directory, town.operator("board")
        again = Named(person=custodian.person.token, name="Another Name", salt="0" * 32)
        archive.put("before-01", b"said before", partition="cases.2026q4")
        shutil.copytree(tmp_path / "office" / "keys", tmp_path / "stolen", dirs_exist_ok=True)
        rotate_keys(town.kernel, town.operator("custodian"))
        archive.put("since-01", b"said since", partition="cases.2026q4")
        directory.keep("named-since", again)
        assert archive.get("before-01") == b"said before" and archive.get("since-01") == b"said since"
        assert directory.known("named-since") == again and directory.known(name_of(town)) is not None
        old = name_of(town)
    thief = open_key_store(tmp_path / "stolen" / "store")
    with_office = open_database(tmp_path / "office" / "state" / "state.db", METADATA)
    rows, names = DocumentRows(with_office, thief), NameRows(with_office, thief)
    assert rows.get("before-01") == b"said before" and names.known(old) is not None, "what it was taken for, it opens"
    with pytest.raises(IntegrityError):
        rows.get("since-01")
    with pytest.raises(IntegrityError):
        names.known("named-since")
    with_office.close()
    thief.close()


def name_of(town: Office) -> str:
    """The digest of the enrolment of the one who oversees."""
    token = town.operator("board").person.token
    return next(str(e["document"]) for _, e in town.kernel.stores.log.read(kinds=("ENROLLED",)) if e["person"] == token)


def test_sessions_and_access_tokens_of_before_let_nobody_in_once_the_keys_are_renewed(town: Office) -> None:
    with town:
        kernel, sessions = town.kernel, Sessions(town.kernel)
        clerk, custodian, board = (town.operator(short) for short in ("clerk", "custodian", "board"))
        cookie, seat = sessions.begin(clerk.person, "key", proof=a_pass(kernel, clerk))
        assert town.keys is not None
        token = sessions.lend(town.keys.at_session(clerk.person.token, seat.session), Role.CLERK, days=30)
        assert sessions.seat(cookie) and sessions.seat(token)
        made = propose_renewal(town, custodian, words="a backup with keys was lost")
        prove(kernel, board)
        approve(kernel, board, made.proposal)
        assert sessions.seat(token), "what is only agreed on ends nothing"
        renew_keys(town, custodian, made.proposal)
        for one in (sessions, Sessions(kernel)):
            assert one.seat(cookie) is None and one.seat(token) is None
        with pytest.raises(PeelianError):
            prove(kernel, clerk)
