"""`peelian doctor`: checks an office, from its files to its duties, and names each fault with its remedy.

It first checks what needs no opening, so it also helps with an office that cannot be opened. Then it opens the office
and checks what the log says is due. It asks the witness. It changes nothing except what opening itself repairs.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from peelian.errors import InputError, IntegrityError, Objection, OutOfOrder, PeelianError, Unreachable, sentence
from peelian.integrations.witness_objection import objection
from peelian.kernel.model.drill_due import due_by, is_recent
from peelian.kernel.model.partitions import lists_partitions
from peelian.kernel.model.policy_port import TITLES
from peelian.kernel.model.retention_schedule import to_destroy, to_queue
from peelian.kernel.retention.expiry_job import has_jumped
from peelian.kernel.retention.retention import items
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.object_state import objects_of
from peelian.kernel.state.signed_documents import was_lost
from peelian.kernel.verbs.warrant_lifecycle import lapsed
from peelian.kernel.verbs.warrant_notices import overdue
from peelian.operations.committed_content import of_the_answers
from peelian.operations.doctor_archive import not_in_the_log, of_the_documents
from peelian.operations.doctor_keys import of_the_keys
from peelian.operations.doctor_people import NOTE, SOON, SOON_DAYS, WRONG, of_people
from peelian.operations.doctor_schema import of_another_format, of_the_schema
from peelian.operations.office import Office, open_office
from peelian.operations.released_layout import unlike_released
from peelian.operations.witness_standing import RUN_ONE, witness_standing
from peelian.oversight.transparency.contact import contact_of
from peelian.oversight.verification.verifier import verify_log
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.office_settings import periods_of, read_settings
from peelian.storage.vault_files import FileVault

LEAST_FREE = 1 << 30
PATIENCE = timedelta(days=30)
LATE = timedelta(days=2)
DAILY_JOB = "Run `peelian retention run` daily, or keep the office served (it then runs the job itself)."
OF_A_DATASET: Mapping[str, tuple[str, str]] = {
    "missing": (
        "The encrypted object of %(name)s is missing.",
        "Restore the objects folder from the data backup. Its key is here.",
    ),
    "keyless": (
        "The encrypted object of %(name)s has no key. The key table is older or was lost.",
        "Restore the newest keys/store folder from the key backup. The object itself is here.",
    ),
    "": (
        "The encrypted object of %(name)s and its key are missing.",
        "Restore the objects folder from the data backup and keys/store from the key backup.",
    ),
    "destroyed": (
        "The encrypted object of %(name)s and its key were destroyed, but this log has no such entry.",
        "It cannot be read again. Restore the newest log, or use `peelian machine restore-log`.",
    ),
    "returned": (
        "The encrypted object of %(name)s was destroyed and has no key, but this log has no such entry.",
        "It cannot be read again. Restore the newest log, or use `peelian machine restore-log`.",
    ),
}
"""Fault and remedy of a dataset's object, by its state in the vault."""
OBJECTS = "The witness objects. Nothing is logged or signed until it cosigns again: %(told)s"
ASK_AGAIN = (
    "Restore the newest copy of the office, then run `peelian machine ask-witness`. Do not continue from an old copy."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ailment:
    """One fault, upcoming fault or note: what it is and its remedy."""

    level: str  # wrong, soon or note
    what: str
    remedy: str


def examined(path: Path) -> list[Ailment]:
    """Everything wrong with the office at `path`, the gravest first, and last what is good to know.
    O(entries + objects + bytes of the archive)."""
    if another := of_another_format(path):  # then nothing else of it can be judged
        return [_wrong(says, remedy) for says, remedy in another]
    found = [*_of_the_folder(path), *(_wrong(says, remedy) for says, remedy in of_the_schema(path))]
    found += _of_the_log(path)  # a divided office's log is looked at once it is open
    try:
        with open_office(path) as office:
            found += [*_of_a_registrar(office), *_of_the_keeping(office), *_of_the_duties(office.kernel)]
            found += _of_the_faults(office.kernel)  # of all that was looked at
    except OutOfOrder as error:
        found.append(_wrong(str(error), "Run the doctor again in a moment. The inside of the office was not checked."))
    except Unreachable as error:
        found.append(_wrong(error.args[0], "Nothing is damaged. The inside of the office was not checked."))
    except IntegrityError as error:
        remedy = "Change nothing, start the breach protocol, and restore parts from one backup."
        if isinstance(error.__cause__, OSError):
            remedy = "No acknowledged entry is lost. Repair the disk, then run the doctor again."
        found.append(_wrong(str(error), remedy))
    except InputError as error:
        found.append(_wrong(error.wrong, error.accepted or "Correct it, then run the doctor again."))
    except PeelianError as error:
        found.append(_wrong(str(error), "Correct it, then run the doctor again."))
    unlike = {(one.what, one.remedy): one for one in found}
    return sorted(unlike.values(), key=lambda one: (WRONG, SOON, NOTE).index(one.level))


def kept_for(path: Path) -> list[str]:
    """How long the archive keeps what, as the office's settings say; nothing where they cannot be read."""
    try:
        days = periods_of(read_settings(path))
    except PeelianError:
        return []
    said = ", ".join(f"{name} {n / 365.25:.3g} years" if n else f"{name} until decided" for name, n in days.items())
    return [
        sentence(
            "Retention of archived documents, after their quarter: %(said)s. See `peelian retention classes`.",
            said=said,
        )
    ]


def _of_the_folder(path: Path) -> Iterator[Ailment]:
    if not (path / "office.toml").is_file():
        yield _wrong("This folder is not an office.", "Give the folder made by `peelian office`.")
        return
    settings: Mapping[str, str] = {}
    try:
        settings = read_settings(path)
    except InputError as error:  # opening says it, too
        yield _wrong(error.wrong, error.accepted)
    divided = "registrar" in settings
    own = ("log", "keys/store", *(() if "database" in settings else ("state",)))
    for name in ("objects", "keys/operators", *(() if divided else own)):
        if not (path / name).is_dir():
            yield _wrong(
                sentence("Folder %(name)s is missing.", name=name),
                "Restore it from its own backup. Do not continue without it.",
            )
    for name in ("keys/log.pem", "keys/token.key"):
        if not divided and not (path / name).is_file():
            yield _wrong(sentence("Key %(name)s is missing.", name=name), "Restore the key folder from its own backup.")
        if divided and (path / name).exists():
            says = sentence("%(name)s is here, although a registrar holds it.", name=name)
            yield _wrong(says, "Divide the office again with the same command. It removes the leftovers.")
    yield from _of_the_modes(path)
    yield from _of_the_owner(path)
    yield from _of_the_disk(path)


def _of_the_owner(path: Path) -> Iterator[Ailment]:
    """Files of another user than the folder's: a command that root ran, and the office's own user cannot open it."""
    own = path.stat().st_uid
    if others := [one for one in path.rglob("*") if one.lstat().st_uid != own]:
        says = sentence("%(n)d %(n:file|files) of the office %(n:belongs|belong) to another user.", n=len(others))
        name = others[0].relative_to(path.parent)
        yield _wrong(
            says,
            sentence("First: %(name)s. As root: chown -R %(user)s %(office)s", name=name, user=own, office=path.name),
        )


def _of_the_modes(path: Path) -> Iterator[Ailment]:
    private = [path, *(path / name for name in ("keys", "objects", "state", "own"))]
    inside = (one for folder in private[1:] if folder.is_dir() for one in (folder, *folder.rglob("*")))
    for found in (path, *inside):
        mode = stat.S_IMODE(found.lstat().st_mode)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            name = found.relative_to(path.parent)
            cure = sentence(
                "Run chmod %(mode)s %(name)s, then find out who read it.",
                mode="700" if found.is_dir() else "600",
                name=str(name),
            )
            yield _wrong(sentence("Other users can access %(name)s.", name=str(name)), cure)


def _of_the_disk(path: Path) -> Iterator[Ailment]:
    if not os.access(path, os.W_OK) or os.statvfs(path).f_flag & os.ST_RDONLY:
        yield _wrong("The office's disk is not writable.", "Make it writable. Uses are blocked until then.")
    free = shutil.disk_usage(path).free
    if free < LEAST_FREE:
        yield _wrong(
            sentence("Disk space left: %(free)s MB.", free=f"{free / 1e6:,.0f}"),
            "Free at least 1 GB. A full disk stops the log.",
        )


def _of_the_log(path: Path) -> Iterator[Ailment]:
    if not (path / "log").is_dir():
        return
    verdict = verify_log(path / "log")
    if not verdict.ok:
        remedy = "Change nothing, start the breach protocol, and compare the log with the witness and receipts."
        yield _wrong(sentence("The log failed verification: %(says)s", says=verdict.says), remedy)
    if not (path / "log.signed").exists():
        remedy = "Restore the file log.signed. Without it, an old backup looks like the newest."
        yield _wrong("The record of the last signed log head is missing.", remedy)
    if told := objection(path):
        yield _wrong(sentence(OBJECTS, told=told), ASK_AGAIN)


def _of_a_registrar(office: Office) -> Iterator[Ailment]:
    """A divided office's log is looked at through a copy of what the registrar publishes."""
    if office.copy_of_the_log is not None and not (verdict := office.verdict()).ok:
        says = sentence("The registrar's log failed verification: %(says)s", says=verdict.says)
        yield _wrong(says, "Start the breach protocol.")


def _of_the_keeping(office: Office) -> Iterator[Ailment]:
    kernel = office.kernel
    yield from _of_the_objects(kernel)
    yield from (_told(*found) for found in of_the_documents(kernel))
    if n := not_in_the_log(kernel):
        says = sentence("Archived documents without a log entry: %(n)s.", n=f"{n:,}")
        remedy = "A crash leaves one at a time. If there are more, ask the witness whether the log is the newest."
        yield _soon(says, remedy)
    yield from (_wrong(says, remedy) for says, remedy in of_the_keys(office))
    yield from (_told(*found) for found in of_the_answers(kernel))
    yield from _of_the_released(kernel)
    yield from _of_the_datasets(kernel)
    yield from _of_the_archive(kernel)
    yield from _of_the_witness(office)


def _of_the_faults(kernel: Kernel) -> Iterator[Ailment]:
    """What was met that is damaged, and entries whose rows are. O(entries)."""
    if isinstance(log := kernel.stores.log, PublishedLog):
        for _ in log.differences(repair=False):
            pass
    for fault in kernel.state.faults():
        remedy = "Keep a copy, and begin the breach protocol. `peelian status` names what is damaged."
        yield _wrong(fault.args[0], remedy)


def _of_the_witness(office: Office) -> Iterator[Ailment]:
    """Whether a witness is chosen, its answer now, and its last cosignature. Without it, a rollback goes unnoticed."""
    maintenance = office.maintenance
    if maintenance is None or (office.path and objection(office.path)):
        return
    standing = witness_standing(office)
    if maintenance.log is not None and standing.name:
        try:
            answer = maintenance.ask()
        except Objection as told:
            yield _wrong(sentence(OBJECTS, told=str(told)), ASK_AGAIN)
            return
        if answer is not None and not answer.cosigned:
            says = sentence("Witness %(name)s does not cosign: %(says)s", name=standing.name, says=answer.says)
            yield _wrong(says, "Check that it runs and can be reached.")
        standing = witness_standing(office)
    if standing.vouches and standing.remedy:
        yield _soon(standing.says, standing.remedy)
    elif standing.vouches:
        remedy = "Serve the office, or run `peelian machine ask-witness` every minute."
        yield Ailment(level=NOTE, what=standing.says, remedy=remedy)
    elif not standing.name and standing.remedy == RUN_ONE:
        yield _soon(standing.says, standing.remedy)
    else:
        yield _wrong(standing.says, standing.remedy)


def _of_the_objects(kernel: Kernel) -> Iterator[Ailment]:
    """Encrypted objects that cannot be opened, each with its cause. O(objects)."""
    vault = kernel.stores.vault
    states = vault.states() if isinstance(vault, FileVault) else {}
    there = (*kernel.state.datasets.values(), *kernel.state.queued.values())
    wanted = {object_: one.dataset for one in there for object_ in objects_of(kernel, one)}
    found = dict.fromkeys((dataset, states.get(object_, "")) for object_, dataset in wanted.items())
    for dataset, state in found if states else ():  # once for all partitions of a dataset
        if state != "whole":
            what, remedy = OF_A_DATASET[state]
            yield _wrong(sentence(what, name=dataset), remedy)
    unlisted = _unlisted(kernel, states.keys() - wanted.keys())
    for name, n in sorted(Counter(unlisted.values()).items()):
        says = "The list of partitions of %(name)s was lost in a restoration. Encrypted objects left of it: %(n)d."
        yield _soon(sentence(says, name=name, n=n), "Nobody can read them. Import the file again.")
    for object_ in sorted(states.keys() - wanted.keys() - unlisted.keys()):
        yield from _of_an_object(kernel, object_, states[object_])


def _unlisted(kernel: Kernel, left: Set[str]) -> Mapping[str, str]:
    """Of these objects, those of datasets in partitions whose list was lost in a restoration: object → dataset.
    O(admissions + objects) where there are any."""
    if not (left := left - kernel.state.objects.datasets.keys()) or not kernel.state.partitions.restored:
        return {}
    admitted = [entry for _, entry in kernel.stores.log.read(kinds=["ADMITTED"])]
    admitted = [entry for entry in admitted if lists_partitions(str(entry["object"]))]
    lost = {str(entry["dataset"]) for entry in admitted if was_lost(kernel, str(entry["document"]))}
    return {one: name for one, name in kernel.stores.vault.names().items() if one in left and name in lost}


def _of_the_released(kernel: Kernel) -> Iterator[Ailment]:
    """Rows of released counts that other programs read, and that the signed records do not say."""
    if kernel.registrar is None and (unlike := list(unlike_released(kernel, repair=False))):
        says = sentence("Rows of released counts that differ from the signed records: %(n)s.", n=f"{len(unlike):,}")
        yield _wrong(says, "Run `peelian doctor --repair`. The daily job lays them out anew, too.")


def _of_an_object(kernel: Kernel, object_: str, state: str) -> Iterator[Ailment]:
    held = kernel.state.objects
    if object_ in held.parts:  # where something of them is lost, the next run begins anew
        return
    if state in ("returned", "keyless") and object_ in held.gone:
        entry = _entry_that_ends(kernel, object_)
        says = sentence(
            "A backup restored %(object)s…, which entry %(entry)s had destroyed.",
            object=object_[:8],
            entry=f"{entry:,}",
        )
        yield _soon(says, "It cannot be read. Remove the file.")
    elif state in ("returned", "keyless", "whole") and object_ not in held.datasets:
        says = sentence("Encrypted object %(object)s… has no log entry.", object=object_[:8])
        remedy = "If the log is the newest, a crash left it: remove the file. Otherwise restore the newest log."
        yield _wrong(says, remedy)
    elif state in ("missing", "keyless") and object_ not in held.gone:
        what, remedy = OF_A_DATASET[state]
        yield _wrong(sentence(what, name=held.datasets.get(object_, object_[:8])), remedy)


def _entry_that_ends(kernel: Kernel, object_: str) -> int:
    """The first entry that ends an object, or that goes on from it with another. O(those)."""
    log, ends = kernel.stores.log, ("DESTROYED", "KEY_DESTROYED", "PARTS_DESTROYED")
    ended = [n for n, e in log.found("object", object_) if e["kind"] in ends]
    replaced = [n for n, e in log.found("before", object_) if e["kind"] not in ends]
    return min((*ended, *replaced), default=0)


def _of_the_datasets(kernel: Kernel) -> Iterator[Ailment]:
    """Data that should have been queued or destroyed: the daily job did not run. O(datasets)."""
    before, found = kernel.now() - LATE, tuple(items(kernel))
    late = len({item.dataset for item in (*to_queue(found, before), *to_destroy(found, before))})
    if late:
        yield _wrong(sentence("Datasets past their retention period: %(n)d.", n=late), DAILY_JOB)


def _of_the_archive(kernel: Kernel) -> Iterator[Ailment]:
    partitions, known, now = kernel.stores.archive.partitions(), kernel.state.partitions, kernel.now()
    if late := [partition for partition in partitions if known.is_due(partition, now - LATE)]:
        yield _wrong(sentence("Archive partitions past their retention period: %(n)d.", n=len(late)), DAILY_JOB)
    if back := [partition for partition in partitions if partition in known.destroyed]:
        says = sentence("A backup restored destroyed archive partitions: %(n)d. They cannot be read.", n=len(back))
        yield _soon(says, DAILY_JOB)


def _of_bylaws(kernel: Kernel) -> Iterator[Ailment]:
    if fault := getattr(getattr(kernel.policy, "engine", None), "fault", None):
        says = sentence("Bylaws damaged: %(fault)s. Only suspending and seeing pages go on.", fault=str(fault))
        yield _wrong(says, "Put the file back as two people adopted it: the data backup has it.")
    elif not getattr(kernel.policy, "bylaws_are_adopted", lambda digest: True)(
        kernel.state.adopted.whole("bylaws").bylaws
    ):
        yield _wrong(
            "The bylaws in the folder differ from those adopted. Uses are blocked.", "See `peelian oversight bylaws`."
        )


def _of_the_duties(kernel: Kernel) -> Iterator[Ailment]:
    now, state = kernel.now(), kernel.state
    if contact_of(kernel) is None:
        remedy = "State it: `peelian oversight contact --email … --as custodian`"
        yield Ailment(
            level=NOTE, what="No public contact: residents are not told where to ask or object.", remedy=remedy
        )
    furthest = str(kernel.stores.log.head()["furthest"])
    if furthest and datetime.fromisoformat(furthest) > now + timedelta(seconds=1):
        remedy = (
            "Set the clock. If it ran ahead before, two people confirm it: propose it under Tasks, or "
            "`peelian proposals propose clock`"
        )
        yield _wrong("The clock is behind the log. Uses are blocked until it is set.", remedy)
    if days := has_jumped(kernel):
        says = sentence(
            "The clock shows %(n)s days since the last daily job. It may have jumped, so nothing is destroyed.",
            n=f"{days:,}",
        )
        remedy = (
            "Check the clock. If it is right, destruction resumes a day after the next job. "
            "If not, set it, and have two people confirm: `peelian proposals propose clock`"
        )
        yield _soon(says, remedy)
    for technology in sorted(state.suspended):
        yield _soon(
            sentence("%(technology)s is suspended", technology=technology),
            "Two people of different units lift it when its reason has ended: `peelian proposals resume`.",
        )
    yield from (Ailment(level=level, what=what, remedy=remedy) for level, what, remedy in of_people(kernel, now))
    yield from _of_authorizations(kernel, now)
    yield from _of_bylaws(kernel)
    yield from _of_drills(kernel, now)
    waiting = [
        history.case
        for history in state.histories.values()
        if history.state == "RAN" and now - datetime.fromisoformat(str(history.entries[-1][1]["t"])) > PATIENCE
    ]
    if waiting:
        yield _soon(
            sentence("Cases awaiting a decision for over 30 days: %(n)d.", n=len(waiting)), "Have them decided."
        )
    if stopped := sum(e.get("error") == "Interrupted" for t in state.histories.values() for _, e in t.entries):
        yield _soon(
            sentence("Runs ended by a crash and closed as failed: %(n)d.", n=stopped),
            "Request them again if still needed.",
        )


PLAY = "Play a drill with three roles of two units: page *Breach drill*"


def _of_drills(kernel: Kernel, now: datetime) -> Iterator[Ailment]:
    state = kernel.state
    last = state.duties.drilled or state.began
    if state.duties.drill_missed:
        says = sentence("The breach drill of %(day)s does not count.", day=state.duties.drill_missed[:10])
        yield _soon(says, "See the page *Breach drill* for why, and play another.")
    if not is_recent(last, now):
        yield _wrong("The yearly breach drill is overdue. Uses are blocked.", PLAY)
    elif last and due_by(last) - now < SOON_DAYS:
        says = sentence("The yearly breach drill is due by %(day)s.", day=str(due_by(last).date()))
        yield _soon(says, PLAY)


def _of_authorizations(kernel: Kernel, now: datetime) -> Iterator[Ailment]:
    late = lapsed(kernel)
    if late:
        remedy = "Serve the office: it ends them and destroys the data collected (`peelian serve`)."
        yield _wrong(sentence("Provisional warrants not confirmed within 48 hours: %(n)d.", n=len(late)), remedy)
    if untold := overdue(kernel):
        remedy = "Send the notice, or record the court's postponement: `peelian warrant notify`"
        yield _wrong(sentence("Notices of warrants that are overdue: %(n)d.", n=len(untold)), remedy)
    latest: dict[tuple[str, str], datetime] = {}
    for authorization in kernel.state.authorizations.values():
        key = (str(authorization.kind), authorization.serves)
        latest[key] = max(
            latest.get(key, datetime.fromisoformat(authorization.ends)), datetime.fromisoformat(authorization.ends)
        )
    titles = {str(kind): title for kind, title in TITLES.items()}
    for (kind, serves), ends in sorted(latest.items()):
        if ends <= now:
            says = sentence(
                "Expired: %(authorization)s for %(serves)s.", authorization=sentence(titles[kind]), serves=serves
            )
            yield _wrong(says, "Have it renewed. Until then it is not valid.")
        elif ends - now < SOON_DAYS:
            says = sentence(
                "Ends on %(day)s: %(authorization)s for %(serves)s.",
                day=str(ends.date()),
                authorization=sentence(titles[kind]),
                serves=serves,
            )
            yield _soon(says, "Have it renewed before then.")


def _wrong(what: str, remedy: str) -> Ailment:
    return Ailment(level=WRONG, what=what, remedy=remedy)


def _told(is_fault: bool, what: str, remedy: str) -> Ailment:
    return Ailment(level=WRONG if is_fault else NOTE, what=what, remedy=remedy)


def _soon(what: str, remedy: str) -> Ailment:
    return Ailment(level=SOON, what=what, remedy=remedy)
