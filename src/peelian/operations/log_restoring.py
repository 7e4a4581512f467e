"""Log restore from a backup: two people order it, losses are named, nothing is thrown away.

A damaged log cannot log who agreed to replace it. So the two sign first, as people whom the backup's log knows,
and the restored log goes on with their words: PROPOSED, APPROVED, CARRIED_OUT, RESTORED.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.integrations.cedar_engine import open_policies
from peelian.kernel.identity.dual_control import APPROVERS, FEWEST_WORDS, GOOD_FOR, PROPOSERS
from peelian.kernel.log.entry_schema import decode_entry
from peelian.kernel.log.signed_note import key_of
from peelian.kernel.model.documents import Approval, Proposal, digest_of, from_bytes, to_bytes
from peelian.kernel.model.people import Operator, signature_holds
from peelian.kernel.model.pseudonyms import FIRST, PERSON, tokens
from peelian.kernel.policy.authorize import must_be_allowed, must_hold_role
from peelian.kernel.policy.authorizer import Authorizer
from peelian.kernel.state.kernel import Kernel, log_word, signed
from peelian.kernel.state.projection import opened
from peelian.operations.backup import must_be_whole
from peelian.operations.office import Office, memory_office, open_office
from peelian.operations.restored_tombstones import with_what_is_gone
from peelian.storage.archive_files import open_archive
from peelian.storage.log_heads import parts_of
from peelian.storage.log_memory import MemoryLog
from peelian.storage.log_restore import Pieced, pieced_together, put_in_place
from peelian.storage.office_settings import read_secret, read_settings
from peelian.storage.operator_keys import load_key
from peelian.storage.people_records import open_directory
from peelian.storage.private_files import put_private, read_private
from peelian.storage.used_intents import UsedIntents

ORDER = "restore.json"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """What a restoration would put in place, and where the log before went."""

    pieced: Pieced
    order: str  # the digest of the proposal
    openings: int = 0  # of sealed data, by entries that it will not have
    again: int = 0  # the last so many entries say again what archive and keys show to be destroyed
    aside: Path | None = None

    def lines(self) -> list[str]:
        """What people have to know before they agree, in plain sentences."""
        pieced = self.pieced
        more = pieced.size - pieced.copied - self.again
        said = [f"The backup has {pieced.copied:,} entries; {more:,} later ones are still whole in the damaged log."]
        if pieced.lost:
            said.append(f"LOST: {pieced.lost:,} entries that were signed once are in neither.")
            witnessed = max(0, pieced.witnessed - pieced.size + self.again)
            if witnessed:
                said.append(f"A witness has cosigned {witnessed:,} of them: it will refuse this log, as it should.")
            said.append("Receipts for lost entries prove what is missing. Tell the board before you go on.")
        elif pieced.heads_lost:
            said.append("Whether anything that was signed later is lost cannot be known here: ask the witness.")
        else:
            said.append("Nothing that was ever signed is lost.")
        if self.openings:
            said.append(f"Sealed data was opened {self.openings:,} times by entries that this log will not have.")
        if self.again:
            said.append(f"Said again, for keys that were destroyed since and documents carried over: {self.again:,}.")
        return said + [f"Damage: {what}." for what in pieced.damage]


def propose_restoration(office: Path, backup: Path, by: str, *, words: str) -> Restoring:
    """The first of two people orders a restoration; what it would bring. Nothing but the order is written.

    OutOfOrder where the log opens: there is nothing to restore then. IntegrityError where the backup is damaged, or is
    not this log.
    """
    if len(words.split()) < FEWEST_WORDS:
        raise OutOfOrder(f"State the reason in at least {FEWEST_WORDS} words.")
    _must_need_it(office)
    pieced, again, kernel, who = _looked_at(office, backup)
    operator = who(by)
    person = must_hold_role(kernel, operator, PROPOSERS, "the_proposer_may_propose")
    document = Proposal(
        what="log",
        body={"restore": pieced.root.hex(), "size": pieced.size, "lost": pieced.lost},
        words=words.strip(),
        by=person.token,
        unit=person.unit,
        at=kernel.now().isoformat(),
    )
    document = signed(document, operator.sign)
    put_private(office / ORDER, to_bytes(document))
    opened = _used(office).count(pieced.size - again)
    return Restoring(pieced=pieced, order=digest_of(document), openings=opened, again=again)


def approve_restoration(office: Path, backup: Path, by: str) -> Restoring:
    """The second person, of another unit, agrees; the log is restored, and says who agreed to what.

    Refused or OutOfOrder where the second may not, where the order is older than a week, or where the backup or the
    damaged log has changed since the order was signed.
    """
    _must_need_it(office)
    pieced, again, kernel, who = _looked_at(office, backup)
    if not (office / ORDER).exists():
        raise OutOfOrder("Restoration not ordered yet. The first person orders it with --reason.")
    order = from_bytes(read_private(office / ORDER), Proposal)
    _must_be_of_this(kernel, order, pieced)
    operator = who(by)
    first = (order.by, order.unit)
    kernel.state.authorization_status.proved[operator.person.token] = (
        kernel.now()
    )  # the signature below is made at the desk, now
    person = must_be_allowed(kernel, operator, "approve", roles=APPROVERS, rule="the_approver_may_approve", first=first)
    approval = Approval(before=digest_of(order), by=person.token, unit=person.unit, at=kernel.now().isoformat())
    approval = signed(approval, operator.sign)
    signer = load_key(office / "keys" / "log.pem")
    key = key_of(read_settings(office)["origin"], signer)
    lost = _used(office).count(pieced.size - again)
    aside = put_in_place(pieced, office / "log", key=key, signer=signer, parts=parts_of(office))
    _used(office).forget_from(pieced.size - again)
    with open_office(office) as made:
        _told(made, order, approval, pieced)
    (office / ORDER).unlink()
    return Restoring(pieced=pieced, order=digest_of(order), openings=lost, again=again, aside=aside)


def _used(office: Path) -> UsedIntents:
    return UsedIntents(office / "keys" / "vault")


def _told(made: Office, order: Proposal, approval: Approval, pieced: Pieced) -> None:
    kernel, digest = made.kernel, digest_of(order)
    kernel.record(order, act="log", by=order.by, unit=log_word(order.unit))
    kernel.record(approval, before=digest, act="log", by=approval.by, unit=log_word(approval.unit))
    kernel.append("CARRIED_OUT", before=digest, act="log", by=order.by)
    kernel.append("RESTORED", before=digest, size=pieced.size, copied=pieced.copied, lost=pieced.lost)


def _must_be_of_this(kernel: Kernel, order: Proposal, pieced: Pieced) -> None:
    must = {"restore": pieced.root.hex(), "size": pieced.size, "lost": pieced.lost}
    if order.what != "log" or dict(order.body) != must:
        raise OutOfOrder("The order is for another state of the log. Have it ordered again.")
    if kernel.now() - datetime.fromisoformat(order.at) > GOOD_FOR:
        raise OutOfOrder("This order is older than a week. Have it ordered again.")
    person = kernel.state.people.get(order.by)
    if person is None or not signature_holds(person.public_key, order.signature, digest_of(order).encode()):
        raise OutOfOrder("The signer of the order is not known to this log.")


def _must_need_it(office: Path) -> None:
    if "registrar" in read_settings(office):
        raise InputError("a registrar holds this office's log", accepted="--office with the registrar's own folder")
    try:
        with open_office(office):
            pass
    except IntegrityError:
        return
    raise OutOfOrder("This log opens and passes verification. Nothing to restore.")


def _looked_at(office: Path, backup: Path) -> tuple[Pieced, int, Kernel, Callable[[str], Operator]]:
    """The pieced log, how many of its entries say something again, a kernel in memory that was folded from it, and its
    people at their desks."""
    must_be_whole(backup)
    signer = load_key(office / "keys" / "log.pem")
    settings = read_settings(office)
    key = key_of(settings["origin"], signer)
    pieced = pieced_together(backup / "log", office / "log", key=key, parts=parts_of(office))
    archive = open_archive(office / "archive", office / "keys" / "archive")
    pieced, again = with_what_is_gone(pieced, archive, office / "keys" / "vault")
    token = tokens(read_secret(office / "keys" / "token.key"), settings.get("tokens", FIRST))
    log = MemoryLog()
    log.append_all([decode_entry(spelling) for spelling in pieced.entries])
    directory = open_directory(office)
    try:
        beside = memory_office().kernel
        public_key = signer.public_key().public_bytes_raw().hex()
        kernel = dataclasses.replace(
            beside,
            office=dataclasses.replace(beside.office, name=settings["name"], public_key=public_key, token=token),
            stores=dataclasses.replace(beside.stores, log=log, archive=archive, directory=directory),
            clock=lambda: datetime.now(UTC),
            policy=Authorizer(engine=open_policies(office / "bylaws")),
        )
        opened(kernel)
    finally:
        directory.records.close()

    def who(short: str) -> Operator:
        person = kernel.state.people.get(token(short, of=PERSON))
        if person is None:
            raise OutOfOrder(f"{short[:40]!r} is not enrolled in the log to restore.")
        return Operator(person=person, sign=load_key(office / "keys" / "operators" / f"{short}.pem").sign)

    return pieced, again, kernel, who
