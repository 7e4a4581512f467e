"""Replacing the log's key: two people agree, the log names the new key, and both keys sign the checkpoint under that.

Cut short, it is taken up again by whoever signs the log next. What the key before signs afterwards counts for nothing:
to the office, to a witness that cosigned the handover, and to whoever verifies the log with the new key.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.identity import dual_control
from peelian.kernel.log.checkpoints import check_receipt
from peelian.kernel.log.key_handover import check_kept_receipt
from peelian.kernel.log.merkle import Head
from peelian.kernel.log.signed_note import NoteKey, signed_by
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.signed_entries import entry_by
from peelian.operations.office import Office
from peelian.storage.log_keys import LogKeys
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.office_settings import read_settings

BODY = {"replace": "log_key"}
PUBLISH = "Publish the new key where the old one stood. Whoever checks the log with the old key has to be told."
_SIGSUM = "sigsum.org/v1/tree/"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyReplaced:
    """The log's new key, how many entries the one before signed last, and whether the chosen witness cosigned that."""

    key: str
    size: int
    vouched: bool
    says: str


def propose_log_key(office: Office, by: Operator, *, words: str) -> str:
    """Propose that the log's key be replaced; the proposal's digest. OutOfOrder where its log is not here, InputError
    where the log is named after its key."""
    _keys_of(office)
    return dual_control.propose(office.kernel, by, "log", words=words, body=BODY)


def replace_log_key(office: Office, by: Operator, proposal: str) -> KeyReplaced:
    """Replace it, as two people agreed. One that was cut short is finished first; errors as for proposing."""
    log, keys = _keys_of(office)
    log.finish_handover()
    with office.kernel.lock:
        following, own = keys.make_next(), keys.key
        agreed = dual_control.carrying_out(office.kernel, by, "log", proposal, body=BODY)
        new = following.public_key().public_bytes_raw().hex()
        said = entry_by(office.kernel, by, "LOG_KEY_REPLACED", before=proposal, old=own.public.hex(), new=new)
        office.kernel.take_all([agreed, said])
    log.finish_handover()
    if office.maintenance is not None:
        office.maintenance.ask()
    return replaced_last(office)


def replaced_last(office: Office) -> KeyReplaced:
    """How the newest replacement stands; OutOfOrder where there was none."""
    log, _ = _keys_of(office)
    if not log.handovers():
        raise OutOfOrder("The log's key was never replaced.")
    last = log.handovers()[-1]
    key = _witness(office)
    vouched = key is not None and bool(signed_by(last.note, [key]))
    if vouched and key is not None:
        says = sentence("Witness %(name)s cosigned the handover to the new key.", name=key.name)
    elif key is not None:
        says = "The witness %(name)s has not cosigned the handover yet. It is asked again whenever the office is open."
        says = sentence(says, name=key.name)
    else:
        says = sentence("No witness vouches for the new key. %(remedy)s", remedy=sentence(PUBLISH))
    return KeyReplaced(key=last.new.text, size=last.head.size, vouched=vouched, says=says)


def check_office_receipt(office: Office, receipt: bytes, entry: bytes, key: NoteKey) -> Head:
    """The head under which a receipt proves an entry; IntegrityError where it does not. What a key before the log's own
    signed counts where the log has it."""
    log = office.kernel.stores.log
    if isinstance(log, PublishedLog) and key == log.key:
        return check_kept_receipt(receipt, entry, key, log.handovers(), log.tree)
    return check_receipt(receipt, entry, key)


def _witness(office: Office) -> NoteKey | None:
    witness = office.maintenance.witness if office.maintenance else None
    return witness.key if witness else None


def _keys_of(office: Office) -> tuple[PublishedLog, LogKeys]:
    log = office.kernel.stores.log
    if not isinstance(office.path, Path) or "registrar" in read_settings(office.path):
        raise OutOfOrder(
            "A registrar holds this log and its key. Move them back first: `peelian machine divide --undo`."
        )
    if not isinstance(log, PublishedLog) or not isinstance(log.keys, LogKeys):
        raise OutOfOrder("An office in memory has no key files.")
    if log.key.name.startswith(_SIGSUM):
        says = "the log is named after its key, as sigsum names logs: it cannot have another"
        raise InputError(says, accepted="a new office, which goes on from an export of this one's register")
    return log, log.keys
