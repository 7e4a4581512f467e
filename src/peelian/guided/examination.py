"""`peelian doctor`: looks an office over, from its files to its duties; says in plain words what is wrong, what to do.

First what can be seen without opening it, so that an office that cannot be opened is helped too; then, opened, what the
log says is due. It asks the witness, and changes nothing but what opening itself puts right.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from peelian.adapters.office_settings import periods_of, read_settings, witness_word
from peelian.adapters.witness_objection import objection
from peelian.errors import InputError, IntegrityError, Objection, OutOfOrder, PeelianError
from peelian.governance.drilled import due_by, is_recent
from peelian.governance.expiry import has_jumped
from peelian.governance.house import House
from peelian.governance.noise import commitment, witnessed
from peelian.governance.policy import TITLES
from peelian.governance.retention import items
from peelian.governance.retention_rules import to_destroy, to_queue
from peelian.governance.tokens import ANSWER
from peelian.governance.warrant_acts import lapsed
from peelian.guided.archive_examination import not_in_the_log, of_the_documents
from peelian.guided.key_examination import of_the_keys
from peelian.office import Office, open_office
from peelian.oversight.entrusted import alone, approvers, founding_says, is_late
from peelian.oversight.verifier import verify_log

WRONG, SOON, NOTE = "wrong", "soon", "note"
SOON_DAYS = timedelta(days=30)
LEAST_FREE = 1 << 30
PATIENCE = timedelta(days=30)
UNWITNESSED = 256
LATE = timedelta(days=2)
DAILY_JOB = "have `peelian retention run` run daily, or serve the office: then it does it by itself"
OF_A_DATASET: Mapping[str, tuple[str, str]] = {
    "missing": ("is missing", "restore it from backup: the folder objects of the data; its key is here"),
    "keyless": (
        "has no key: the key table is older than it, or was lost",
        "restore the newest folder keys/vault from the backup of the keys; the object itself is here",
    ),
    "": ("is missing, and so is its key", "restore it from the data's backup and keys/vault from that of the keys"),
    "destroyed": (
        "was destroyed, key and all, which this log does not say",
        "it can never be read again: put the newest log back, or restore it with `peelian restore-log`",
    ),
    "returned": (
        "has no key any more: it was destroyed, which this log does not say",
        "it can never be read again: put the newest log back, or restore it with `peelian restore-log`",
    ),
}
"""What is wrong with the object of a dataset that is there, by its state in the vault, and what to do."""
ASK_AGAIN = "put the newest copy of the office back, then `peelian witness ask`; never go on from the old one"
BEFORE_CLASSES = "office"  # the shelf of everything, once


@dataclass(frozen=True, slots=True, kw_only=True)
class Ailment:
    """One thing that is wrong, or will be soon, or is good to know: what it is and what to do, each one sentence."""

    level: str  # wrong, soon or note
    what: str
    remedy: str


def examined(path: Path) -> list[Ailment]:
    """Everything wrong with the office at `path`, the gravest first, and last what is good to know.
    O(entries + objects + bytes of the archive)."""
    found = [*_of_the_folder(path), *_of_the_log(path)]  # a divided office's log is looked at once it is open
    try:
        with open_office(path) as office:
            found += [*_of_a_registrar(office), *_of_the_keeping(office), *_of_the_duties(office.house)]
    except OutOfOrder as error:
        found.append(_wrong(str(error), "close the other one, or ask it: what lies inside was not looked at"))
    except IntegrityError as error:
        remedy = "keep everything as it is, begin the breach protocol, and restore the parts that belong together"
        if isinstance(error.__cause__, OSError):
            remedy = "nothing that was acknowledged is lost: put the disk right, then look again"
        found.append(_wrong(str(error), remedy))
    except InputError as error:
        found.append(_wrong(error.wrong, error.accepted or "put it right, then look again"))
    except PeelianError as error:
        found.append(_wrong(str(error), "put it right, then look again"))
    unlike = {(one.what, one.remedy): one for one in found}
    return sorted(unlike.values(), key=lambda one: (WRONG, SOON, NOTE).index(one.level))


def kept_for(path: Path) -> list[str]:
    """How long the archive keeps what, as the office's settings say; nothing where they cannot be read."""
    try:
        days = periods_of(read_settings(path))
    except PeelianError:
        return []
    said = ", ".join(f"{name} {n / 365.25:.3g} years" if n else f"{name} until decided" for name, n in days.items())
    return [f"The archive keeps (after their quarter): {said}; see `peelian retention classes`."]


def _of_the_folder(path: Path) -> Iterator[Ailment]:
    if not (path / "office.toml").is_file():
        yield _wrong("this folder holds no office", "name the folder that `peelian office` made")
        return
    try:
        divided = "registrar" in read_settings(path)
    except InputError as error:  # opening says it, too
        yield _wrong(error.wrong, error.accepted)
        divided = False
    for name in ("objects", "keys/operators", *(() if divided else ("log", "archive", "keys/vault", "keys/archive"))):
        if not (path / name).is_dir():
            yield _wrong(f"the folder {name} is missing", "restore it from its own backup; without it, do not go on")
    for name in ("keys/log.pem", "keys/token.key"):
        if not divided and not (path / name).is_file():
            yield _wrong(f"the key {name} is missing", "restore the key folder from its own backup")
        if divided and (path / name).exists():
            says = f"{name} lies here though a registrar holds it"
            yield _wrong(says, "divide the office again with the same words: what was left is removed")
    yield from _of_the_modes(path)
    yield from _of_the_disk(path)


def _of_the_modes(path: Path) -> Iterator[Ailment]:
    private = [path, *(path / name for name in ("keys", "objects", "records")), *(path / "archive").glob("*")]
    inside = (one for folder in private[1:] if folder.is_dir() for one in (folder, *folder.rglob("*")))
    for found in (path, *inside):
        mode = stat.S_IMODE(found.lstat().st_mode)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            name = found.relative_to(path.parent)
            cure = f"chmod {'700' if found.is_dir() else '600'} {name}, then find out who read it"
            yield _wrong(f"others than the office's user may reach {name}", cure)


def _of_the_disk(path: Path) -> Iterator[Ailment]:
    if not os.access(path, os.W_OK) or os.statvfs(path).f_flag & os.ST_RDONLY:
        yield _wrong("the office's disk cannot be written", "make it writable: nothing is permitted while it is not")
    free = shutil.disk_usage(path).free
    if free < LEAST_FREE:
        yield _wrong(f"the disk has {free / 1e6:,.0f} MB left", "free at least 1 GB: a full disk stops the log")


def _of_the_log(path: Path) -> Iterator[Ailment]:
    if not (path / "log").is_dir():
        return
    verdict = verify_log(path / "log")
    if not verdict.ok:
        remedy = "keep it as it is, begin the breach protocol, compare it with the witness and with receipts"
        yield _wrong(f"the log does not hold: {verdict.says}", remedy)
    if not (path / "log.signed").exists():
        remedy = "put back the file log.signed; without it an old backup cannot be told from the newest"
        yield _wrong("the record of what was last signed is missing", remedy)
    if told := objection(path):
        yield _wrong(f"the witness objects, and nothing is logged or signed until it cosigns again: {told}", ASK_AGAIN)
    for torn in (path / "log").glob("torn-*"):
        yield _soon(f"a power cut left {torn.name}", "nothing acknowledged is lost; keep it for whoever investigates")


def _of_a_registrar(office: Office) -> Iterator[Ailment]:
    """A divided office's log is looked at through a copy of what the registrar publishes."""
    if office.copy_of_the_log is not None and not (verdict := office.verdict()).ok:
        yield _wrong(f"the registrar's log does not hold: {verdict.says}", "begin the breach protocol")


def _of_the_keeping(office: Office) -> Iterator[Ailment]:
    house = office.house
    yield from _of_the_objects(house)
    yield from (_wrong(says, remedy) for says, remedy in of_the_documents(house))
    if n := not_in_the_log(house):
        says = "1 document" if n == 1 else f"{n:,} documents"
        says = f"{says} of the archive: in no entry of the log"
        remedy = "a crash leaves one at a time; where it is more, ask the witness whether the log is the newest"
        yield _soon(says, remedy)
    yield from (_wrong(says, remedy) for says, remedy in of_the_keys(office))
    yield from _of_the_answers(house)
    yield from _of_the_datasets(house)
    yield from _of_the_archive(house)
    yield from _of_the_witness(office)


def _of_the_witness(office: Office) -> Iterator[Ailment]:
    """Whether one watches, what it says now, and when it cosigned last: without it no whole rollback is noticed."""
    attendance = office.attendance
    if attendance is None or attendance.log is None or (office.path and objection(office.path)):
        return
    if office.house.book.orders.chosen != witness_word(attendance.witness):
        says = "the witness in office.toml is not the one that was chosen: somebody changed the settings by hand"
        yield _wrong(says, "find out who, and put it back; choosing another takes two people: `peelian propose log`")
    if attendance.witness is None:
        says = "no witness watches the log: nobody would notice if the whole office were put back from an old copy"
        yield _soon(says, "have the board run one: see `peelian witness`")
        return
    name = attendance.witness.key.name
    try:
        answer = attendance.ask()
    except Objection as told:
        yield _wrong(f"the witness objects, and nothing is logged or signed until it cosigns again: {told}", ASK_AGAIN)
        return
    if answer is not None and not answer.cosigned:
        yield _wrong(f"the witness {name} does not cosign: {answer.says}", "see that it runs and can be reached")
    last = attendance.log.witnessed(attendance.witness.key)
    says = f"the witness {name} has never cosigned: until it does, a whole rollback cannot be noticed"
    if last is None:
        yield _wrong(says, "see that it runs, knows the log's key and can be reached")
        return
    says = f"the witness {name} cosigned last on {last[1]:%Y-%m-%d %H:%M} UTC, {last[0]:,} entries"
    yield Ailment(level=NOTE, what=says, remedy="serve the office, or have `peelian witness ask` run every minute")


def _of_the_objects(house: House) -> Iterator[Ailment]:
    """Sealed objects that cannot be opened, and those that nobody can open any more: each with its own cause. O(objects
    + entries, where one is not as it should be)."""
    states: Mapping[str, str] = getattr(house.vault, "states", dict)()
    wanted = {one.object: one.dataset for one in (*house.book.datasets.values(), *house.book.queued.values())}
    for object_, dataset in wanted.items():
        if states and (state := states.get(object_, "")) != "whole":
            what, remedy = OF_A_DATASET[state]
            yield _wrong(f"the sealed object of {dataset} {what}", remedy)
    for object_ in sorted(states.keys() - wanted.keys()):
        yield from _of_an_object(house, object_, states[object_])


def _of_the_answers(house: House) -> Iterator[Ailment]:
    """Noisy answers that the log says were drawn, and that are not kept as they were. O(entries + answers)."""
    drawn, token = witnessed(entry for _, entry in house.log.read()), partial(house.token, of=ANSWER)
    kept = {mark: house.noise.answers.find(mark) for mark in drawn} if house.noise else {}
    lost = [mark for mark, answer in kept.items() if not answer or commitment(mark, answer, token) != drawn[mark]]
    if lost:
        says = f"{len(lost)} noisy answers that were drawn are not kept, or are others: the folder answers is older"
        yield _wrong(says, "restore the newest folder answers from its backup; nothing is drawn twice meanwhile")


def _of_an_object(house: House, object_: str, state: str) -> Iterator[Ailment]:
    held = house.book.held
    if state in ("returned", "keyless") and object_ in held.gone:
        entry = _entry_that_ends(house, object_)
        says = f"a backup brought {object_[:8]}… back, which entry {entry:,} destroyed on purpose"
        yield _soon(says, "nobody can read it; it is removed when the office opens")
    elif state in ("returned", "keyless", "whole") and object_ not in held.datasets:
        says = f"the sealed object {object_[:8]}… is in no entry of the log"
        remedy = "if the log is the newest, a crash left it: remove the file; else put the newest log back"
        yield _wrong(says, remedy)
    elif state in ("missing", "keyless") and object_ not in held.gone:
        what, remedy = OF_A_DATASET[state]
        yield _wrong(f"the sealed records {held.datasets.get(object_, object_[:8])} {what}", remedy)


def _entry_that_ends(house: House, object_: str) -> int:
    ends = ("DESTROYED", "KEY_DESTROYED")
    found = (n for n, e in house.log.read() if e.get("object" if e["kind"] in ends else "before") == object_)
    return next(found, 0)


def _of_the_datasets(house: House) -> Iterator[Ailment]:
    """Data that should have been queued or destroyed: the daily job did not run. O(datasets)."""
    before, found = house.now() - LATE, tuple(items(house))
    late = len({item.dataset for item in (*to_queue(found, before), *to_destroy(found, before))})
    if late:
        yield _wrong("1 dataset is past its time" if late == 1 else f"{late} datasets are past their time", DAILY_JOB)


def _of_the_archive(house: House) -> Iterator[Ailment]:
    shelves, known, now = house.archive.shelves(), house.book.shelves, house.now()
    if late := [shelf for shelf in shelves if known.is_due(shelf, now - LATE)]:
        yield _wrong(f"{len(late)} shelves of the archive are past their time", DAILY_JOB)
    if back := [shelf for shelf in shelves if shelf in known.destroyed]:
        says = f"a backup brought {len(back)} destroyed shelves of the archive back, which nobody can read"
        yield _soon(says, f"remove the folders: {', '.join(sorted(back)[:5])}")
    if old := len(shelves.get(BEFORE_CLASSES, ())):
        says = f"{old:,} documents of the archive are from before it had retention classes"
        yield _soon(says, "they are kept until a person decides: nothing is to be done")


def _of_the_duties(house: House) -> Iterator[Ailment]:
    now, book = house.now(), house.book
    if book.orders.furthest and datetime.fromisoformat(book.orders.furthest) > now + timedelta(seconds=1):
        remedy = "set it right; where it had run ahead before, two people say so: `peelian propose clock`"
        yield _wrong("the clock is behind the log: nothing is used until it is right", remedy)
    if days := has_jumped(house):
        says = f"by this clock {days:,} days passed since the last daily job, or the clock jumped: nothing is destroyed"
        remedy = "look whether the clock is right. Where it is, the job that is done a day after the next one goes on; "
        yield _soon(says, f"{remedy}where it is not, set it right, and two people say so: `peelian propose clock`")
    for technology in sorted(book.suspended):
        yield _soon(f"{technology} is suspended", "a board member lifts the suspension when the reason is gone")
    yield from _of_people(house, now)
    yield from _of_papers(house, now)
    if not getattr(house.policy, "bylaws_are_adopted", lambda digest: True)(book.orders.bylaws):
        yield _wrong("the bylaws in the folder are not the adopted ones: nothing is permitted", "see `peelian bylaws`")
    yield from _of_drills(house, now)
    waiting = [
        track.case
        for track in book.tracks.values()
        if track.state == "RAN" and now - datetime.fromisoformat(str(track.entries[-1][1]["t"])) > PATIENCE
    ]
    if waiting:
        yield _soon(
            f"{len(waiting)} cases have waited for a decision for over 30 days", "have them decided or declined"
        )
    if stopped := sum(e.get("error") == "Interrupted" for t in book.tracks.values() for _, e in t.entries):
        yield _soon(
            f"{stopped} runs were ended by a crash and closed as failed", "ask again where they are still needed"
        )


def _of_drills(house: House, now: datetime) -> Iterator[Ailment]:
    book = house.book
    last = book.drilled or book.began
    if book.drill_missed:
        says = (
            f"the breach drill of {book.drill_missed[:10]} missed its bars, or the log does not say that it "
            "met them: it does not count, and none did since"
        )
        yield _soon(says, "see what was missed in `peelian drill list`, put it right, and go through another")
    if not is_recent(last, now):
        yield _wrong("the yearly breach drill is overdue: nothing is permitted", "go through one: `peelian drill run`")
    elif last and due_by(last) - now < SOON_DAYS:
        yield _soon(f"the yearly breach drill is due by {due_by(last).date()}", "go through one: `peelian drill run`")


def _of_people(house: House, now: datetime) -> Iterator[Ailment]:
    if n := sum(person.name == person.token for person in house.book.people.values()):
        remedy = "restore the folder records and keys/records.key from their backups, or enrol them again"
        yield _wrong(f"the names of {n} people are not in the directory", remedy)
    yield from _of_the_founding(house)
    today, soon = now.date().isoformat(), (now + SOON_DAYS).date().isoformat()
    for person in house.book.people.values():
        if person.trained_until < today:
            yield _wrong(f"the training of {person.name} has expired", "renew it, then enrol them again")
        elif person.trained_until < soon:
            yield _soon(f"the training of {person.name} ends on {person.trained_until}", "renew it before")


def _of_the_founding(house: House) -> Iterator[Ailment]:
    """Whom one person alone entrusted with oversight, and whether somebody is left to agree to others."""
    late = sorted(name for token, name in alone(house).items() if is_late(house, token))
    if late:
        says = f"one person alone entrusted these after the founding, before that took two: {', '.join(late)}"
        yield _soon(says, "the board finds out whether they are who they are said to be")
    if not house.book.founding.ended:
        yield _soon(founding_says(house).rstrip("."), "enrol the first member of the board, then go on with two people")
    elif approvers(house) == 1:
        says = "only one person may approve what takes two: were their key lost, nobody could ever be entrusted again"
        yield _soon(says, "have a second one enrolled: board, council or privacy officer")
    if founders := sorted(set(alone(house).values()) - set(late)):
        says = f"{founding_says(house)} One person alone entrusted at it: {', '.join(founders)}"
        yield Ailment(level=NOTE, what=says, remedy="the board looks once whether they are who they are said to be")


def _of_papers(house: House, now: datetime) -> Iterator[Ailment]:
    late = lapsed(house)
    if late:
        remedy = "they end and what they brought is destroyed while the office attends: `peelian serve`"
        yield _wrong(f"{len(late)} provisional warrants were not confirmed within 48 hours", remedy)
    latest: dict[tuple[str, str], datetime] = {}
    for paper in house.book.papers.values():
        key = (str(paper.paper), paper.serves)
        latest[key] = max(latest.get(key, datetime.fromisoformat(paper.ends)), datetime.fromisoformat(paper.ends))
    titles = {str(kind): title for kind, title in TITLES.items()}
    for (kind, serves), ends in sorted(latest.items()):
        if ends <= now:
            yield _wrong(f"the {titles[kind]} for {serves} has expired", "have it renewed: until then it is none")
        elif ends - now < SOON_DAYS:
            yield _soon(f"the {titles[kind]} for {serves} ends on {ends.date()}", "have it renewed before")


def _wrong(what: str, remedy: str) -> Ailment:
    return Ailment(level=WRONG, what=what, remedy=remedy)


def _soon(what: str, remedy: str) -> Ailment:
    return Ailment(level=SOON, what=what, remedy=remedy)
