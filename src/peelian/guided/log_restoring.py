"""Restoring a log from a backup: two people of the office order it, what is lost is said, nothing is thrown away.

A damaged log cannot log who agreed to replace it. So the two sign first, as people whom the backup's log knows,
and the restored log goes on with their words: PROPOSED, APPROVED, CARRIED_OUT, RESTORED.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from peelian.adapters.archive_files import open_archive
from peelian.adapters.cedar_engine import open_policies
from peelian.adapters.log_heads import parts_of
from peelian.adapters.log_memory import MemoryLog
from peelian.adapters.log_restore import Pieced, pieced_together, put_in_place
from peelian.adapters.office_settings import read_secret, read_settings
from peelian.adapters.operator_keys import load_key
from peelian.adapters.people_records import open_directory
from peelian.adapters.private_files import put_private, read_private
from peelian.adapters.used_intents import UsedIntents
from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.governance.acts import must_be_allowed, must_hold
from peelian.governance.documents import Approval, Proposal, from_bytes, mark_of, to_bytes
from peelian.governance.entries import decode_entry
from peelian.governance.house import House, log_word, opened, signed
from peelian.governance.note import key_of
from peelian.governance.people import Operator, signature_holds
from peelian.governance.proposals import APPROVERS, FEWEST_WORDS, GOOD_FOR, PROPOSERS
from peelian.governance.statutes import Statutes
from peelian.governance.tokens import FIRST, PERSON, tokens
from peelian.guided.backup import must_be_whole
from peelian.guided.said_again import with_what_is_gone
from peelian.office import Office, memory_office, open_office

ORDER = "restore.json"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """What a restoration would put in place, and where the log before went."""

    pieced: Pieced
    order: str  # the mark of the proposal
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
        raise OutOfOrder(f"say why it is to be done: at least {FEWEST_WORDS} words")
    _must_need_it(office)
    pieced, again, house, who = _looked_at(office, backup)
    operator = who(by)
    person = must_hold(house, operator, PROPOSERS, "the_proposer_may_propose")
    document = Proposal(
        what="log",
        body={"restore": pieced.root.hex(), "size": pieced.size, "lost": pieced.lost},
        words=words.strip(),
        by=person.token,
        unit=person.unit,
        at=house.now().isoformat(),
    )
    document = signed(document, operator.sign)
    put_private(office / ORDER, to_bytes(document))
    opened = _used(office).count(pieced.size - again)
    return Restoring(pieced=pieced, order=mark_of(document), openings=opened, again=again)


def approve_restoration(office: Path, backup: Path, by: str) -> Restoring:
    """The second person, of another unit, agrees; the log is restored, and says who agreed to what.

    Refused or OutOfOrder where the second may not, where the order is older than a week, or where the backup or the
    damaged log has changed since the order was signed.
    """
    _must_need_it(office)
    pieced, again, house, who = _looked_at(office, backup)
    if not (office / ORDER).exists():
        raise OutOfOrder("nobody has ordered a restoration: the first person does it with --words")
    order = from_bytes(read_private(office / ORDER), Proposal)
    _must_be_of_this(house, order, pieced)
    operator = who(by)
    first = (order.by, order.unit)
    house.book.orders.proved[operator.person.token] = house.now()  # the signature below is made at the desk, now
    person = must_be_allowed(house, operator, "approve", roles=APPROVERS, rule="the_approver_may_approve", first=first)
    approval = Approval(before=mark_of(order), by=person.token, unit=person.unit, at=house.now().isoformat())
    approval = signed(approval, operator.sign)
    signer = load_key(office / "keys" / "log.pem")
    key = key_of(read_settings(office)["origin"], signer)
    lost = _used(office).count(pieced.size - again)
    aside = put_in_place(pieced, office / "log", key=key, signer=signer, parts=parts_of(office))
    _used(office).forget_from(pieced.size - again)
    with open_office(office) as made:
        _told(made, order, approval, pieced)
    (office / ORDER).unlink()
    return Restoring(pieced=pieced, order=mark_of(order), openings=lost, again=again, aside=aside)


def _used(office: Path) -> UsedIntents:
    return UsedIntents(office / "keys" / "vault")


def _told(made: Office, order: Proposal, approval: Approval, pieced: Pieced) -> None:
    house, mark = made.house, mark_of(order)
    house.record(order, act="log", by=order.by, unit=log_word(order.unit))
    house.record(approval, before=mark, act="log", by=approval.by, unit=log_word(approval.unit))
    house.append("CARRIED_OUT", before=mark, act="log", by=order.by)
    house.append("RESTORED", before=mark, size=pieced.size, copied=pieced.copied, lost=pieced.lost)


def _must_be_of_this(house: House, order: Proposal, pieced: Pieced) -> None:
    must = {"restore": pieced.root.hex(), "size": pieced.size, "lost": pieced.lost}
    if order.what != "log" or dict(order.body) != must:
        raise OutOfOrder("the order is for another state of the log: have it ordered again, and look at it again")
    if house.now() - datetime.fromisoformat(order.at) > GOOD_FOR:
        raise OutOfOrder("this order is older than a week: have it ordered again")
    person = house.book.people.get(order.by)
    if person is None or not signature_holds(person.public_key, order.signature, mark_of(order).encode()):
        raise OutOfOrder("the order is not signed by somebody whom this log knows")


def _must_need_it(office: Path) -> None:
    if "registrar" in read_settings(office):
        raise InputError("a registrar holds this office's log", accepted="--office with the registrar's own folder")
    try:
        with open_office(office):
            pass
    except IntegrityError:
        return
    raise OutOfOrder("this log opens and holds: there is nothing to restore")


def _looked_at(office: Path, backup: Path) -> tuple[Pieced, int, House, Callable[[str], Operator]]:
    """The pieced log, how many of its entries say something again, a house in memory that was folded from it, and its
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
        house = dataclasses.replace(
            memory_office().house,
            name=settings["name"],
            log=log,
            archive=archive,
            directory=directory,
            clock=lambda: datetime.now(UTC),
            policy=Statutes(engine=open_policies(office / "bylaws")),
            public_key=signer.public_key().public_bytes_raw().hex(),
            token=token,
        )
        opened(house)
    finally:
        directory.records.close()

    def who(short: str) -> Operator:
        person = house.book.people.get(token(short, of=PERSON))
        if person is None:
            raise OutOfOrder(f"nobody is enrolled under {short[:40]!r} in the log that would be restored")
        return Operator(person=person, sign=load_key(office / "keys" / "operators" / f"{short}.pem").sign)

    return pieced, again, house, who
