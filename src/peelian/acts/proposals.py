"""Proposals: what takes two people, and is proposed for its own sake rather than where it is done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from peelian.acts.act import Acts, Done, asked
from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.model.doors import Suspended
from peelian.pictures.panels import Grid, Say

if TYPE_CHECKING:
    from peelian.acts.act import Roles
    from peelian.kernel.model.people import Operator
    from peelian.operations.office import Office

acts = Acts("proposals", "Office", "Proposals: what takes two people.")
PROPOSED = "Proposed. Someone of another unit approves it within a week."
PROPOSABLE = {
    "rotate_keys": "rotate the key encryption key",
    "clock": "accept the present time after the clock ran ahead",
    "signs": "admit a file that bears signs of a trace",
}
"""What is proposed by its name alone, as `kernel/identity/dual_control.ACTS` calls it."""
ELSEWHERE = {
    "bylaws": "oversight bylaws --propose",
    "export": "case propose-export",
    "enrol": "people enrol … --propose",
    "renew": "key people --propose",
    "working": "key working --propose",
    "log": "oversight choose-witness, key log --propose",
    "vocabulary": "data vocabulary FILE --propose",
    "sensors": "sensors register-file FILE",
    "warrant": "warrant record",
    "counts": "proposals counts",
    "resume": "proposals resume",
    "court_exception": "proposals court-exception",
    "custody_exception": "proposals custody-exception",
}
"""What is proposed with a command of its own, which knows what more it takes."""
Reason = Annotated[str, asked("Reason, at least three words", lines=3)]


def _proposers() -> Roles:
    from peelian.kernel.identity.dual_control import PROPOSERS

    return PROPOSERS


def _lifters() -> Roles:
    from peelian.kernel.model.suspension import OVERSEERS

    return OVERSEERS


def _excepters() -> Roles:
    from peelian.kernel.model.suspension import EXCEPTERS

    return EXCEPTERS


def _proposable(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    return [(what, say(text)) for what, text in PROPOSABLE.items()]


def _suspended(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    known = {one.id: one.title for one in office.kernel.technologies}
    yield from ((name, say(known.get(name, name))) for name in office.kernel.state.suspended)


def _with_recordings(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    formats = (one for one in office.kernel.formats if one.of_people)
    owners = {office.kernel.owner_of(one.id) for one in formats}
    return [(one.id, say(one.title)) for one in office.kernel.technologies if one.id in owners]


def _counted_now(office: Office, say: Say, language: str) -> Grid | None:
    spark = office.kernel.state.adopted.whole("counts").spark
    row = ("Spark", spark) if spark else ("DuckDB", say("In the run's own process and its workers"))
    return Grid(caption=say("Where incidents are counted"), titles=(say("Engine"), say("Place")), rows=(row,))


@acts.does(
    "propose",
    "Propose an act that takes two people",
    "Someone of another unit approves it within a week. The keys are then rotated at the terminal. An accepted "
    "time is in force at once.",
    whom=_proposers,
    suspended=Suspended.ANY,
    typed=("what",),
    offered={"what": _proposable},
)
def propose(
    office: Office,
    by: Operator,
    *,
    what: Annotated[str, asked("What to propose")],
    reason: Reason,
    content: Annotated[str, asked("With signs of a trace: the digest that the refused admission named")] = "",
) -> Done:
    """Propose what needs nothing but a reason."""
    from peelian.kernel.disclosure.signed_past import ACT, propose_past_signs
    from peelian.kernel.identity import dual_control

    if what in ELSEWHERE:
        raise OutOfOrder(sentence("Propose this with: peelian %(command)s", command=ELSEWHERE[what]))
    if what not in PROPOSABLE:
        raise InputError("not one of the choices", column="what", accepted=", ".join(PROPOSABLE))
    if what == ACT:
        digest = propose_past_signs(office.kernel, by, content, words=reason)
    else:
        digest = dual_control.propose(office.kernel, by, what, words=reason)
    return Done(says=PROPOSED, proposal=digest, record={"proposal": digest, "what": what})


@acts.does(
    "counts",
    "Choose where incidents are counted",
    "A Spark gets the rows of datasets in partitions in clear: when and where incidents happened. Whoever "
    "administers it can read them. Someone of another unit approves it, and it is then in force at once.",
    whom=_proposers,
    suspended=Suspended.ANY,
    shows=_counted_now,
)
def counts(
    office: Office,
    by: Operator,
    *,
    spark: Annotated[str, asked("Address of a Spark, as spark://host:7077. Empty: in the run's own process")] = "",
    reason: Reason,
) -> Done:
    """Propose a Spark, or the run's own process."""
    from peelian.kernel.identity import dual_control

    body = dual_control.place_of_counts(spark.strip())
    return Done(says=PROPOSED, proposal=dual_control.propose(office.kernel, by, "counts", words=reason, body=body))


@acts.does(
    "resume",
    "Propose to lift a suspension",
    "Two of those who oversee, of different units, lift it. Uses still need their authorizations then.",
    whom=_lifters,
    suspended=Suspended.ANY,
    offered={"technology": _suspended},
)
def resume(
    office: Office, by: Operator, *, technology: Annotated[str, asked("Suspended technology")], reason: Reason
) -> Done:
    """Propose to lift the suspension of a technology."""
    from peelian.kernel.identity import dual_control
    from peelian.kernel.identity.suspension_control import LIFT

    body = {"technology": technology}
    return Done(says=PROPOSED, proposal=dual_control.propose(office.kernel, by, LIFT, words=reason, body=body))


@acts.does(
    "court-exception",
    "Except one case of a suspension for a court",
    "A court waits for one case: what was accepted in it may be delivered, or a warrant may be collected under. "
    "The board and a privacy officer agree. The public inventory counts it. It ends with the suspension.",
    whom=_excepters,
    suspended=Suspended.ANY,
)
def court_exception(
    office: Office,
    by: Operator,
    *,
    of: Annotated[str, asked("Case, or digest of a warrant")],
    reference: Annotated[str, asked("File number of the court")],
    reason: Reason,
) -> Done:
    """Propose to except one case."""
    from peelian.kernel.identity import dual_control
    from peelian.kernel.identity.suspension_control import EXCEPT

    body = {"of": of, "reference": reference}
    return Done(says=PROPOSED, proposal=dual_control.propose(office.kernel, by, EXCEPT, words=reason, body=body))


@acts.does(
    "custody-exception",
    "Keep recordings for a running case before they are approved",
    "A running case cannot wait for council approval and assessment. The board and a privacy officer agree. "
    "It holds for 30 days and 20 recordings. Residents read the reason. A year has at most 3.",
    whom=_excepters,
    suspended=Suspended.ANY,
    offered={"technology": _with_recordings},
)
def custody_exception(
    office: Office,
    by: Operator,
    *,
    technology: Annotated[str, asked("Technology")],
    reference: Annotated[str, asked("File number of the running case")],
    reason: Annotated[str, asked("Reason that residents read, at least three words, without names", lines=3)],
) -> Done:
    """Propose to keep recordings before their approval."""
    from peelian.kernel.identity import custody_grounds, dual_control

    body, what = {"technology": technology, "reference": reference}, custody_grounds.EXCEPT
    return Done(says=PROPOSED, proposal=dual_control.propose(office.kernel, by, what, words=reason, body=body))
