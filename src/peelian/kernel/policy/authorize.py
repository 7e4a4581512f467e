"""Authorization of actions: the person is proven, the policy judges, the clock and the kill switch are checked."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from peelian.errors import OutOfOrder, Reason, Refused, sentence
from peelian.kernel.model.capability import Role
from peelian.kernel.model.org_units import same_unit
from peelian.kernel.model.people import Operator, Person, signature_holds
from peelian.kernel.model.policy_port import Action
from peelian.kernel.model.suspension import LIFTED_BY
from peelian.kernel.state.founding_state import OVERSIGHT
from peelian.kernel.state.kernel import Kernel

JITTER = timedelta(minutes=1)  # that a clock may lie behind the log


def proven_person(kernel: Kernel, by: Operator, signed: tuple[str, str] | None = None) -> Person | None:
    """The enrolled person behind the operator, if their key is the enrolled one or the session theirs; else None.

    `signed`: the digest of a document that they have just been given to sign, and their signature. The document's
    salt is new, so this proves their key as well as a challenge does.
    """
    person = bound_person(kernel, by.person.token, by.session)
    if by.session:  # the door saw the proof when the session began, and the log says whose it is
        return person if kernel.state.seated.get(by.session) == by.person.token else None
    if person is None:
        return None
    if signed is None:
        challenge = secrets.token_bytes(32)
        return person if signature_holds(person.public_key, by.sign(challenge).hex(), challenge) else None
    digest, signature = signed
    return person if signature_holds(person.public_key, signature, digest.encode()) else None


def bound_person(kernel: Kernel, token: str, session: str) -> Person | None:
    """The enrolled person with this token. In a session that was opened with an access token they have its one role,
    and nobody has it after its end. O(1)."""
    person = kernel.state.people.get(token)
    bound = kernel.state.bound(session) if session else None
    if person is None or bound is None:
        return person
    role, until = bound
    return replace(person, roles=person.roles & {role}) if kernel.latest() < until else None


def must_hold_role(
    kernel: Kernel,
    by: Operator,
    roles: frozenset[Role],
    rule: str,
    *,
    now: datetime | None = None,
    signed: tuple[str, str] | None = None,
) -> Person:
    """The person, if enrolled, trained and in one of the roles; else Refused under the rule's name."""
    return must_be_allowed(kernel, by, "act", roles=roles, rule=rule, now=now, signed=signed)


def must_be_allowed(
    kernel: Kernel,
    by: Operator,
    action: str,
    *,
    roles: frozenset[Role],
    rule: str,
    first: tuple[str, str] = ("", ""),
    now: datetime | None = None,
    signed: tuple[str, str] | None = None,
) -> Person:
    """The person, where the policy lets them do an act; else Refused with every reason.

    `signed` is as for `who`. `first` is the token and the unit of whoever asked or proposed: for a second word, decide
    or approve. `now` is the log's furthest time where the clock lies behind it, so that setting it back revives no
    training; but for what puts the clock right, and for what only stops. While the present is not believed nothing else
    is done, and for these whoever was trained by the log's time counts as trained: after a long pause nobody else might
    be left.
    """
    if now is None:
        kernel.must_know_the_time()
    person, judged_at = proven_person(kernel, by, signed), now or kernel.latest()
    if person is not None and now is not None and kernel.doubt() is not None:
        was_trained = person.trained_until >= str(kernel.stores.log.head()["furthest"])[:10]
        person = replace(person, trained_until=max(person.trained_until, f"{now:%Y-%m-%d}")) if was_trained else person
    act = Action(
        action=action,
        rule=rule,
        person=person,
        roles=roles,
        now=judged_at,
        first=first[0],
        first_unit=first[1],
        proved=kernel.state.proved(by.person.token, by.session),
        stands_in=stands_in(kernel, person, judged_at),
    )
    if reasons := kernel.policy.judge_action(act):
        raise Refused((*reasons, *(clock_is_behind(kernel) if now is None else ())))
    if person is None:  # no policy permits nobody; were there one, it would end here
        raise OutOfOrder("No role can do this.")
    return person


def stands_in(kernel: Kernel, person: Person | None, now: datetime) -> bool:
    """Whether somebody whose training has ended may still suspend: nobody else in one of their oversight roles is
    trained, so that each of these roles always has somebody who can. O(people)."""
    today = now.date().isoformat()
    if person is None or person.trained_until >= today:
        return False
    trained = (one.roles for one in kernel.state.people.values() if one.trained_until >= today)
    return bool((person.roles & OVERSIGHT) - frozenset[Role]().union(*trained))


def clock_is_behind(kernel: Kernel) -> Iterator[Reason]:
    """The reason why nothing is used while the clock lies more than a minute behind the log: authorizations that
    have ended, training, warrants and retention times would live again. O(1)."""
    behind = kernel.latest() - kernel.now()
    if behind > JITTER:
        says = sentence("the clock is %(minutes)s minutes behind the log", minutes=behind // timedelta(minutes=1))
        remedy = (
            "Set the clock. If it ran ahead before, two people confirm it: propose it under Tasks, or "
            "`peelian proposals propose clock`"
        )
        yield refusal("time_does_not_go_back", says, remedy)


def time_must_go_on(kernel: Kernel) -> None:
    """Refused while the clock is behind the log."""
    if behind := tuple(clock_is_behind(kernel)):
        raise Refused(behind)


def refusal(rule: str, says: str, remedy: str) -> Reason:
    """One reason to refuse."""
    return Reason(rule=rule, says=says, remedy=remedy)


def why_not_second(second: tuple[str, str], first: tuple[str, str]) -> Iterator[Reason]:
    """Why somebody may not decide what another person asked for; each by their token and their unit."""
    rule = "the_asker_may_not_decide"
    if second[0] == first[0]:
        yield refusal(rule, "The requester cannot decide.", "Ask someone else to decide.")
    elif same_unit(second[1], first[1]):
        yield refusal(rule, "The decider is in the requester's unit.", "Ask someone in another unit to decide.")


def why_stopped(kernel: Kernel, technology: str, *, running: bool = False) -> Iterator[Reason]:
    """The kill switch, as a reason: none where the technology is not suspended. `running`: it was when this began."""
    if technology in kernel.state.suspended:
        text = "%(technology)s was suspended during the run" if running else "%(technology)s is suspended"
        says = sentence(text, technology=technology)
        yield refusal("the_technology_is_not_suspended", says, LIFTED_BY)


def must_not_be_stopped(kernel: Kernel, technology: str) -> None:
    """Refused where the kill switch is thrown."""
    if reasons := tuple(why_stopped(kernel, technology)):
        raise Refused(reasons)
