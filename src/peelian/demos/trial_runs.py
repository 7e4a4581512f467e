"""The runs of a trial in its throw-away office: one here, or several, two at a time in processes of their own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from signal import SIG_BLOCK, SIG_SETMASK, SIGINT, pthread_sigmask
from typing import Any

from peelian.child_process import child
from peelian.demos.assessment import assessed
from peelian.demos.labels import Key, let_in, numbered
from peelian.errors import InputError, NotEnoughData, PeelianError, sentence
from peelian.intake.read import admitted
from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind, Capability, Findings, Purpose, Role
from peelian.kernel.model.documents import Admission, Declaration, Evidence
from peelian.kernel.model.people import Operator
from peelian.kernel.model.technology import Technology, Trial
from peelian.kernel.verbs.authorizations import issue, sign_authorization
from peelian.kernel.verbs.custody import format_of
from peelian.operations.office import Office, memory_office

Progress = Callable[[str, float], None]
Files = Mapping[str, tuple[Path, str, Mapping[str, str]]]  # role → path, format, options
AT_ONCE = 2
FOOTAGE = "footage"  # tried apart (`footage_trial`): its file is a recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A throw-away office with the files admitted, the papers signed and the capability that reads them."""

    office: Office
    custodian: Operator
    trial: Trial
    capability: Capability
    main: str  # the role of the file that is tried
    admissions: Mapping[str, Admission]
    names: Mapping[str, str]  # role → what the file is called
    key: Key  # which number stands for which label of the files


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One run: its parameters, its evidence and what it found."""

    params: Any
    evidence: Evidence
    findings: Findings


def technology_of(name: str) -> tuple[Technology, Trial]:
    """The technology with this name and its trial; InputError names those that have one.

    A capability's id, such as "risk.subgroups", stands for its technology: the file plays the first role it reads.
    """
    id, _, capability = name.partition(".")
    with memory_office() as office:
        known = {t.id: (t, t.trial) for t in office.kernel.technologies if t.trial}
    if id not in known:
        raise InputError("unknown technology", accepted=", ".join(sorted({*known, FOOTAGE})))
    technology, trial = known[id][0], known[id][1]()
    if not capability or name == trial.capability:
        return technology, trial
    tried = {c.id: c for c in technology.capabilities if _purpose(c, trial) and c.reads}
    if name not in tried:
        raise InputError("unknown technology", accepted=", ".join(sorted(tried)))
    purpose = _purpose(tried[name], trial) or trial.purpose
    return technology, Trial(capability=name, role=tried[name].reads[0].role, purpose=purpose)


def _purpose(capability: Capability, trial: Trial) -> Purpose | None:
    """What a trial runs this capability for: the trial's own purpose, or an audit where it serves nothing else."""
    served = capability.asks.purposes
    return trial.purpose if trial.purpose in served else Purpose.AUDIT if served == {Purpose.AUDIT} else None


@contextmanager
def opened_room(technology: str, files: Files, progress: Progress = lambda says, share: None) -> Iterator[Room]:
    """An office in memory that has let the files in."""
    known, what = technology_of(technology)
    with memory_office(name="A trial, thrown away afterwards") as office:
        custodian = office.enrol("trial-custodian", name="Trial", unit="trial", roles=set(Role))
        board = office.enrol("trial-board", name="Trial", unit="trial board", roles=set(Role), by=custodian)
        people, key, admissions = {"custodian": custodian, "board": board}, Key(), {}
        for role in sorted(files, key=lambda role: role != "areas"):  # which areas have residents is known first
            path, format, options = files[role]
            # What is tried is a file of this technology; a file beside it (areas) may be of another.
            formats = known.formats() if role == what.role else office.kernel.formats
            name, taken = admitted(path, format, formats, options, progress)
            words = format_of(office.kernel, name).words
            taken = numbered(taken, words, key)
            let_in(office, people, taken, words)
            declaration = _declaration(role, {what.purpose, Purpose.AUDIT})
            admissions[role] = verbs.admit(office.kernel, custodian, declaration, taken, format=name)
        capability, main = _capability_for(known, what, admissions[what.role].shape)
        if capability.id != what.capability:
            what = Trial(capability=capability.id, role=what.role, purpose=_purpose(capability, what) or what.purpose)
        admissions = {main if role == what.role else role: made for role, made in admissions.items()}
        names = {main if role == what.role else role: path.name for role, (path, _, _) in files.items()}
        _authorizations(office, (custodian, board), capability, what)
        yield Room(
            office=office,
            custodian=custodian,
            trial=what,
            capability=capability,
            main=main,
            admissions=admissions,
            names=names,
            key=key,
        )


def run_here(room: Room, params: Any, progress: Progress) -> Ran:
    """One run in this office."""
    permit = verbs.ask(
        room.office.kernel,
        room.custodian,
        room.capability.id,
        purpose=room.trial.purpose,
        params=params,
        datasets={role: admission.dataset for role, admission in room.admissions.items()},
    )
    try:
        evidence, found = verbs.run(room.office.kernel, room.custodian, permit, progress=progress)
    except InputError as fault:  # a capability knows its data by their roles
        raise fault.of_file(room.names.get(fault.file, fault.file)) from None
    if any(need.kind is AuthorizationKind.IMPACT_ASSESSMENT for need in room.capability.needs):
        found = room.capability.arithmetic().public(found)  # places are named to an office that assessed the use
    return Ran(params=params, evidence=evidence, findings=found)


def run_apart(
    technology: str, files: Files, each: Sequence[Any], progress: Progress
) -> Iterator[tuple[int, Ran | str]]:
    """Each run in one of two other processes, with its number, as it arrives; a text where it has too little data.

    Each process has an office of its own and takes the next run when it is done with one. Seeds come from data and
    parameters, so that findings are the same as here.
    """
    waiting, shares = deque(enumerate(each)), [0.0] * len(each)
    at: dict[Any, int] = {}  # who is at which run
    with ExitStack() as rooms:
        for _ in range(min(AT_ONCE, len(each))):
            with _unheard():
                ours = rooms.enter_context(child(_apart, (technology, files)))
            at[ours] = _sent(ours, waiting)
        while at:
            for ready in wait(list(at)):
                kind, *told = _heard(ready)
                number = at[ready]
                if kind == "share":
                    says, shares[number] = told
                    progress(says, sum(shares) / len(each))
                    continue
                shares[number] = 1.0
                at.pop(ready)
                if waiting:
                    at[ready] = _sent(ready, waiting)
                yield number, told[0]


@contextmanager
def _unheard() -> Iterator[None]:
    """What is started here never hears Ctrl-C: whoever hears it here ends it, too."""
    before = pthread_sigmask(SIG_BLOCK, {SIGINT})
    try:
        yield
    finally:
        pthread_sigmask(SIG_SETMASK, before)


def _sent(ours: Any, waiting: deque[tuple[int, Any]]) -> int:
    """Send the next run's parameters; its number."""
    number, params = waiting.popleft()
    ours.send(params)
    return number


def _heard(ours: Any) -> tuple[Any, ...]:
    """What a process tells: a share, or what it made; a fault of its is raised here."""
    try:
        heard: tuple[Any, ...] = ours.recv()
    except (EOFError, ConnectionResetError):
        heard = "fault", "a run of the trial ended without an answer: there may not have been enough memory"
    if heard[0] == "fault":
        raise InputError(heard[1])
    return heard


def _apart(tell: Connection, order: tuple[str, Files]) -> None:
    """What the other process does until it is ended; a fault is told in words: errors lose parts on the way."""
    try:
        with opened_room(*order) as room:
            while True:
                tell.send(("made", _ran_or_little(room, tell.recv(), tell)))
    except PeelianError as fault:
        tell.send(("fault", str(fault)))
    except (EOFError, BrokenPipeError):  # who asked is gone
        return


def _ran_or_little(room: Room, params: Any, tell: Any) -> Ran | str:
    """The run, or why there is too little for it: a sentence that can be said in the page's language."""
    try:
        return run_here(room, params, lambda says, share: tell.send(("share", says, share)))
    except NotEnoughData as little:
        return little.wrong


def _declaration(role: str, purposes: set[Purpose]) -> Declaration:
    return Declaration(
        title=f"Trial data: {role}",
        purposes=tuple(sorted(map(str, purposes))),
        legal_basis="a trial on the holder's own machine",
        minimisation="only the declared columns are read; nothing is kept after the trial",
        retention_days=1,
        source="the file given to the trial",
    )


def _capability_for(technology: Technology, trial: Trial, shape: str) -> tuple[Capability, str]:
    """The capability that reads a file of this shape, and under which role: the trial's own where it fits.

    InputError where none does: such a file is only given beside another.
    """
    known = {capability.id: capability for capability in technology.capabilities}
    first = [known[trial.capability], *(c for c in technology.capabilities if _purpose(c, trial))]
    for capability in first:
        for read in capability.reads:
            if read.shape == shape and not read.optional:
                return capability, read.role
    wanted = sorted({c.reads[0].shape for c in first if c.reads})
    raise InputError(sentence("a file of shape %(shape)s cannot be tried", shape=shape), accepted=", ".join(wanted))


def _assessed(office: Office, two: tuple[Operator, Operator], capability: Capability, trial: Trial) -> None:
    """A throw-away assessment with the demonstration's answers: the trial then names no place (`run_here`)."""
    one, other = two
    third = office.enrol(
        "trial-third", name="Trial", unit="trial council", roles={Role.COMMANDER}, by=one, second=other
    )
    people = {"privacy": one, "auditor": other, "commander": third}
    use = (capability.id, capability.arithmetic().example().params)
    assessed(office, people, "mapping", uses=(use,), purposes=(trial.purpose,))


def _authorizations(office: Office, two: tuple[Operator, Operator], capability: Capability, trial: Trial) -> None:
    """The papers a trial leans on: a throw-away board's, with the trial's own bars or those of the example. Criteria
    that the trial names as none are signed as none: nothing is met or missed."""
    bodies = {**capability.arithmetic().example().authorizations, **trial.authorizations}
    for need in capability.needs:
        if need.kind is AuthorizationKind.ACCURACY_REPORT:
            raise InputError("advice cannot be tested", accepted="a proof or an audit")
        if need.kind is AuthorizationKind.IMPACT_ASSESSMENT:
            _assessed(office, two, capability, trial)
            continue
        body = bodies.get(need.kind, {})
        if need.kind is AuthorizationKind.ACCEPTANCE_CRITERIA and not body:
            sign_authorization(
                office.kernel,
                two[1],
                need.kind,
                serves=capability.id,
                purposes=(trial.purpose,),
                days=1,
                body={},
                before="",
            )
            continue
        issue(office.kernel, two[1], need.kind, serves=capability.id, purposes=(trial.purpose,), days=1, body=body)
