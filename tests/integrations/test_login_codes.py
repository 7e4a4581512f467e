"""Passes from the terminal: taken once, in time, from the office's database; damaged ones are none."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from served import pass_at

from peelian.errors import OutOfOrder
from peelian.integrations.login_codes import SERVING, TICKET, Passes
from peelian.kernel.identity.step_up import pass_text
from peelian.kernel.model.people import signature_holds
from peelian.operations.office import new_office
from peelian.storage.database import open_database
from peelian.storage.schema import METADATA
from peelian.storage.tickets import TicketRows

KEY = Ed25519PrivateKey.generate()


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def tickets(tmp_path: Path) -> TicketRows:
    return TicketRows(open_database(tmp_path / "state.db", METADATA))


@pytest.fixture
def passes(tickets: TicketRows) -> Passes:
    return Passes(tickets, "office-key", now)


def test_a_pass_is_signed_over_the_challenge_of_these_pages_and_taken_once(passes: Passes, tickets: TicketRows) -> None:
    code = passes.leave("clerk", KEY)
    ((name, left),) = tickets.all(TICKET)
    assert code.replace("-", "") not in left + name
    taken = passes.take(code, now())
    assert taken is not None and taken.short == "clerk"
    text = pass_text("office-key", passes.nonce, taken.hashed, taken.at)
    assert signature_holds(KEY.public_key().public_bytes_raw().hex(), taken.signature, text)
    assert passes.take(code, now()) is None and not tickets.all(TICKET)


def test_of_many_who_know_a_code_one_has_its_pass(passes: Passes) -> None:
    code, found = passes.leave("clerk", KEY), []
    threads = [threading.Thread(target=lambda: found.append(passes.take(code, now()))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in found if one is not None]) == 1 and len(found) == 16


def test_another_process_that_serves_the_pages_takes_a_pass_and_another_office_s_pages_do_not(
    passes: Passes, tickets: TicketRows
) -> None:
    code = passes.leave("clerk", KEY)
    assert Passes(tickets, "another-key", now).take(code, now()) is None
    assert Passes(tickets, "office-key", now).take(code, now()) is not None


def test_a_pass_too_old_or_from_the_future_is_none_and_old_ones_do_not_pile_up(
    passes: Passes, tickets: TicketRows
) -> None:
    code = passes.leave("clerk", KEY)
    assert passes.take(code, now() + timedelta(minutes=3)) is None
    code = passes.leave("clerk", KEY)
    assert passes.take(code, now() - timedelta(minutes=1)) is None
    passes.leave("clerk", KEY)
    Passes(tickets, "office-key", lambda: now() + timedelta(minutes=9)).leave("clerk", KEY)
    assert len(tickets.all(TICKET)) == 1


@pytest.mark.parametrize("content", ["", "{}", "[]", "\ufffd", '{"short": 1}', "null", "{" * 100_000])
def test_a_damaged_pass_is_none(passes: Passes, tickets: TicketRows, content: str) -> None:
    code = passes.leave("clerk", KEY)
    ((name, _),) = tickets.all(TICKET)
    tickets.put(TICKET, name, content, now())
    assert passes.take(code, now()) is None


@pytest.mark.parametrize("at", ["yesterday", "2026-01-01", ""])
def test_a_pass_whose_time_is_none_is_none(passes: Passes, tickets: TicketRows, at: str) -> None:
    code = passes.leave("clerk", KEY)
    ((name, left),) = tickets.all(TICKET)
    tickets.put(TICKET, name, json.dumps(json.loads(left) | {"at": at}), now())
    assert passes.take(code, now()) is None


def test_where_no_pages_are_served_no_code_is_made(tmp_path: Path) -> None:
    with new_office(tmp_path / "town", name="Town") as office:
        office.keys.keep("clerk")
        passes = Passes(office.kernel.stores.tickets, office.kernel.office.public_key, now)
        with pytest.raises(OutOfOrder, match="peelian serve"):
            pass_at(tmp_path / "town", "clerk")
        with office.kernel.stores.lease(SERVING, True, shared=True):
            code = pass_at(tmp_path / "town", "clerk")
            taken = passes.take(code, now())
            assert taken is not None and taken.short == "clerk"
