"""Renewing people's signing keys: all that lie in the office at once, as two people agree.

The new keys are made with the proposal, which names them by one digest, each under a first passphrase that its person
changes. Once it is carried out, what the keys before sign counts for nothing, and every session and access token has
ended. Nobody is locked out: the two who agreed have a new key as everybody has. What the keys before signed that is
still to be used (authorizations, approvals, decisions) has to be signed anew.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from peelian.errors import InputError, OutOfOrder
from peelian.integrations.person_keys import PersonKeys
from peelian.kernel.identity import dual_control
from peelian.kernel.identity.enrolment import ENROLLERS
from peelian.kernel.model.capability import Scalar
from peelian.kernel.model.documents import Enrolment, digest_of, new_salt
from peelian.kernel.model.people import Operator
from peelian.kernel.model.pseudonyms import PERSON
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.policy.signed_entries import entry_by
from peelian.kernel.state.kernel import Record, log_word, signed
from peelian.kernel.state.signed_documents import archived
from peelian.measure.canonical import canonical_digest
from peelian.operations.office import Office
from peelian.storage.office_settings import read_settings
from peelian.storage.private_files import put_private

KEEP, END = "keep", "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalProposed:
    """The proposal, the first passphrase of each new key by short name ("" in a demonstration), and the names of those
    who keep their key elsewhere: it stays."""

    proposal: str
    passphrases: Mapping[str, str]
    elsewhere: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """How many people have a new key, and how many sessions and passkeys ended."""

    people: int
    sessions: int
    passkeys: int


def propose_renewal(office: Office, by: Operator, *, words: str, passkeys: str = KEEP) -> RenewalProposed:
    """Make a new key for everybody whose key lies here, and propose that they replace the present ones; `passkeys`:
    "end" to end everybody's passkeys, too. An earlier proposal is void. OutOfOrder: a registrar holds the log, or the
    office is in memory."""
    keys = _keys_here(office)
    if passkeys not in (KEEP, END):
        raise InputError("unknown word for passkeys", accepted=f"{KEEP}, {END}")
    must_hold_role(office.kernel, by, ENROLLERS, "the_enroller_may_enrol")
    people, token = office.kernel.state.people, office.kernel.office.token
    shorts = [short for short in keys.shorts() if token(short, of=PERSON) in people]
    given = keys.make_next(shorts)
    here = {token(short, of=PERSON) for short in shorts}
    body = _body(_next_of(office, keys), passkeys)
    return RenewalProposed(
        proposal=dual_control.propose(office.kernel, by, "renew", words=words, body=body),
        passphrases=given,
        elsewhere=tuple(sorted(person.name for one, person in people.items() if one not in here)),
    )


def renew_keys(office: Office, by: Operator, proposal: str) -> Renewed:
    """Replace them, as two people agreed: all or none. Cut short after that, whoever opens the office next puts the
    files in place. Errors as for proposing; OutOfOrder where it was not agreed, or the new keys are others."""
    keys, kernel = _keys_here(office), office.kernel
    keys.take_next()
    must_hold_role(kernel, by, ENROLLERS, "the_enroller_may_enrol")
    new = _next_of(office, keys)
    with kernel.lock:
        made = dual_control.approved(kernel, by, "renew", proposal)
        word = str(made.body.get("passkeys", KEEP))
        if dict(made.body) != _body(new, word):
            raise OutOfOrder("This proposal is for another action. Propose this exact one.")
        sessions, passkeys = sorted(kernel.state.seated), kernel.state.passkeys.items()
        ended = [one for one, known in passkeys if known.person in new] if word == END else []
        first = [entry_by(kernel, by, "CARRIED_OUT", before=proposal, act="renew")]
        first += [entry_by(kernel, by, "SESSION_ENDED", session=session) for session in sessions]
        first += [entry_by(kernel, by, "PASSKEY_ENDED", credential=credential) for credential in ended]
        enrolments = [_enrolment(office, by, token, key, proposal) for token, key in sorted(new.items())]
        kernel.record_all(enrolments, first=first)
    keys.take_next()
    return Renewed(people=len(new), sessions=len(sessions), passkeys=len(ended))


def write_passphrases(file: Path, passphrases: Mapping[str, str]) -> None:
    """First passphrases to hand out, a line each as "short name,passphrase", in a file for its owner only."""
    put_private(file, "".join(f"{short},{text}\n" for short, text in passphrases.items()).encode())


def _keys_here(office: Office) -> PersonKeys:
    if office.path is None or office.people_keys is None:
        raise OutOfOrder("An office in memory has no key files.")
    if "registrar" in read_settings(office.path):
        raise OutOfOrder(
            "A registrar holds this log and its key. Move them back first: `peelian machine divide --undo`."
        )
    return office.people_keys


def _next_of(office: Office, keys: PersonKeys) -> dict[str, str]:
    """The new public key of each enrolled person, by token; OutOfOrder where there is none."""
    people, token = office.kernel.state.people, office.kernel.office.token
    found = {token(short, of=PERSON): key for short, key in keys.next_keys().items()}
    new = {one: key for one, key in found.items() if one in people}
    if not new:
        raise OutOfOrder("No new keys wait here. Propose the renewal first.")
    return new


def _body(new: Mapping[str, str], passkeys: str) -> dict[str, Scalar]:
    """What two people agree on: exactly these keys for these people."""
    return {"keys": canonical_digest(dict(sorted(new.items()))), "people": len(new), "passkeys": passkeys}


def _enrolment(office: Office, by: Operator, token: str, key: str, proposal: str) -> Record:
    """Somebody's enrolment with the new key and nothing else changed, and what the log says of it."""
    kernel = office.kernel
    before = kernel.state.enrolled[token]
    was = archived(kernel, before, Enrolment)
    now = kernel.now().isoformat()
    document = signed(
        dataclasses.replace(was, public_key=key, by=by.person.token, at=now, salt=new_salt(), signature=""), by.sign
    )
    if named := kernel.stores.directory.known(before):
        kernel.stores.directory.keep(digest_of(document), named)
    said: dict[str, str | int] = {"person": token, "unit": log_word(was.unit), "by": by.person.token}
    return digest_of(document), document, {**said, "before": proposal, "renewed": 1}
