"""Replacing the working key, as two people agree: what sensors' keys, drafts and live levels are made of.

From then on the keys with which sensors posted by HTTP before are refused, and what is sealed is sealed with the new
one. Cut short before the log names it, nothing was replaced; after that, whoever makes such a key next finishes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from peelian.errors import OutOfOrder
from peelian.kernel.identity import dual_control
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.signed_entries import entry_by
from peelian.kernel.records.sensor_register import the_register
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import Office
from peelian.operations.watch_service import stand_of
from peelian.storage.office_settings import read_secret, read_settings
from peelian.storage.working_keys import REPLACED, WorkingKeys

BODY = {"replace": "working_key"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingKeyReplaced:
    """How often it was replaced by now, and the sensors that need a new key if they post by HTTP."""

    times: int
    sensors: tuple[str, ...]


def propose_working_key(office: Office, by: Operator, *, words: str) -> str:
    """Propose that it be replaced; the proposal's digest. OutOfOrder: the office's keys do not lie here."""
    working_keys(office)
    return dual_control.propose(office.kernel, by, "working", words=words, body=BODY)


def replace_working_key(office: Office, by: Operator, proposal: str) -> WorkingKeyReplaced:
    """Replace it, as two people agreed; errors as for proposing. Every process of the office follows."""
    kernel, keys = office.kernel, working_keys(office)
    with kernel.lock:
        old = keys.mark()  # first: one that was cut short is finished before the next is made
        new = keys.make_next()
        agreed = dual_control.carrying_out(kernel, by, "working", proposal, body=BODY)
        kernel.take_all([agreed, entry_by(kernel, by, REPLACED, before=proposal, old=old, new=new)])
    return WorkingKeyReplaced(times=working_keys(office).generations()[0], sensors=sensors_with_keys(kernel))


def working_keys(office: Office) -> WorkingKeys:
    """Those in the office's key folder. OutOfOrder: it is in memory, or a registrar holds them."""
    if office.path is None:
        raise OutOfOrder("An office in memory has no key files.")
    if "registrar" in read_settings(office.path):
        raise OutOfOrder(
            "A registrar holds this log and its key. Move them back first: `peelian machine divide --undo`."
        )
    keys = office.path / "keys"
    return WorkingKeys(keys, read_secret(keys / "token.key"), office.kernel.stores.log)


def sensors_with_keys(kernel: Kernel) -> tuple[str, ...]:
    """Sensors that are registered now, and those of watches that stand. O(sensors + watches)."""
    today, known = kernel.now().date(), kernel.state.alarms
    found = {id for id, listed in the_register(kernel).items() if listed.state(today) == "registered"}
    cases = [case for case in known.stands.copy() if case not in known.ended]
    return tuple(sorted(found.union(*(stand_of(kernel, case).request.sensors for case in cases))))
