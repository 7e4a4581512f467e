"""Witness choice: what can be chosen as the witness of the log, and when that takes two people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.identity import dual_control
from peelian.kernel.log.signed_note import COSIGNATURE
from peelian.kernel.log.witness_protocol import Witness
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import Office
from peelian.storage.office_settings import read_settings, witness_of, witness_word, write_settings

AT_A_REGISTRAR = "a registrar holds this office's log: choose its witness in the registrar's own folder"
CHOOSERS = frozenset({Role.CUSTODIAN, Role.BOARD})


def must_be_witness(key: str, url: str) -> Witness:
    """The witness with this key line and address; InputError where it is none."""
    found = witness_of({"witness_key": key, "witness_url": url}) if urlsplit(url).scheme in ("http", "https") else None
    if found is None or found.key.kind != COSIGNATURE:
        raise InputError("not a witness", accepted="a key line name+id+key and an address")
    return found


def witness_takes_two(kernel: Kernel, person: Person) -> bool:
    """Whether two people choose the witness: another one than before, or the first one where no board member does."""
    state = kernel.state
    return bool(state.duties.chosen or (state.founding.ended and Role.BOARD not in person.roles))


def choose_now(office: Office, by: Operator, key: str, url: str, *, proposal: str = "") -> None:
    """Have the board's witness cosign the log from now on. The board chooses the first one alone; anybody else, and
    another one later, takes two people who agreed on exactly this one ("log")."""
    path = _must_hold_the_log(office)
    person = must_hold_role(office.kernel, by, CHOOSERS, "the_proposer_may_propose")
    chosen = must_be_witness(key, url)
    if witness_takes_two(office.kernel, person):
        dual_control.carry_out(office.kernel, by, "log", proposal, body={"witness": key, "url": url})
    write_settings(path, {**read_settings(path), "witness_key": key, "witness_url": url})
    acted(office.kernel, by, "WITNESS_CHOSEN", witness=witness_word(chosen))
    if office.maintenance is not None:
        office.maintenance.witness = chosen


def choose(office: Office, by: Operator, key: str, url: str, *, words: str) -> str:
    """Choose the witness, or propose it where that takes two: then returns the proposal's digest, else ""."""
    _must_hold_the_log(office)
    must_be_witness(key, url)
    if not witness_takes_two(office.kernel, by.person):
        choose_now(office, by, key, url)
        return ""
    return dual_control.propose(office.kernel, by, "log", words=words, body={"witness": key, "url": url})


def agreed(kernel: Kernel) -> Iterator[tuple[str, str, str]]:
    """Approved proposals of a witness that were not carried out: digest, key line, address."""
    for digest, made, approved in dual_control.open_proposals(kernel):
        if made.what == "log" and approved and {"witness", "url"} <= made.body.keys():
            yield digest, str(made.body["witness"]), str(made.body["url"])


def carry_out(office: Office, by: Operator, proposal: str) -> None:
    """Choose exactly the witness that an approved proposal names; OutOfOrder where it names none."""
    found = next(((key, url) for digest, key, url in agreed(office.kernel) if digest == proposal), None)
    if found is None:
        raise OutOfOrder("No approved proposal of a witness has this digest.")
    choose_now(office, by, *found, proposal=proposal)


def _must_hold_the_log(office: Office) -> Path:
    """The folder of an office; OutOfOrder where the log is not in it."""
    if office.path is None:
        raise OutOfOrder("An office in memory has no log to witness.")
    if "registrar" in read_settings(office.path):
        raise OutOfOrder(AT_A_REGISTRAR)
    return office.path
