"""Authorizer: asks the policy engine about a use or an action, and turns its answer into reasons with remedies.

First every authorization and dataset of a use is judged by itself ("may this use rely on it, read it?"); what passed
is a fact
when the use is judged. A refusal names every reason at once: the rule, what is wrong, what puts it right, and the
policy that said no.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from peelian.errors import MISSING, Reason, enumerated, sentence
from peelian.kernel.model.capability import Need, Read
from peelian.kernel.model.documents import Admission, Authorization
from peelian.kernel.model.policy_port import HOW, ISSUERS, TITLES, Action, Judgement, Use
from peelian.kernel.model.suspension import LIFTED_BY
from peelian.kernel.policy import entities
from peelian.kernel.policy.differing_settings import OF_SETTINGS, differences, scope
from peelian.kernel.policy.engine_port import A_POLICY_FAILED, NOTHING_PERMITS, Engine, Entity, Id, Question

Asked = tuple[Question, Sequence[Entity]]
"""A question with the facts that it is judged by."""

AUTHORIZATION_FAULTS: Mapping[str, str] = {
    "the_authorization_has_not_expired": "expired",
    "the_authorization_is_in_force": "not yet in force",
    "the_authorization_serves_the_purpose": "for another purpose",
    "the_authorization_covers_what_is_asked": "scope does not match",
    "the_assessment_is_of_what_is_used": "assessed for another version or settings",
    "the_authorization_is_signed_by_who_may_issue_it": "not signed by an authorized issuer",
    "the_warrant_says_what_it_covers": "does not state status, operations or number of uses",
    "the_warrant_rests_on_paper_and_two_people": "recorded without its paper or a second person",
    "the_provisional_warrant_is_within_48_hours": "provisional, older than 48 hours",
    "the_provisional_warrant_only_collects": "provisional, and opens nothing yet",
    "the_warrant_covers_the_places": "for other places",
    "the_warrant_covers_the_sensors": "for other sensors",
    "the_warrant_covers_the_operations": "for other operations",
    "the_warrant_is_not_used_up": "used up",
    A_POLICY_FAILED: "cannot be evaluated by the policies",
}
"""What is wrong with an authorization, by the policy that said no, in the order in which it is told."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """Authorizations by need, and datasets by role, each with the policies that said no."""

    authorizations: dict[str, list[tuple[Authorization, frozenset[str]]]]
    data: dict[str, tuple[Admission, frozenset[str]]]

    def good(self, need: str) -> list[Authorization]:
        """The authorizations that satisfy a need, newest first."""
        return [authorization for authorization, no in self.authorizations[need] if not no]

    @property
    def held(self) -> tuple[Authorization, ...]:
        """The newest that satisfies each need that any satisfies."""
        return tuple(good[0] for need in self.authorizations if (good := self.good(need)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorizer:
    """A policy that an engine decides. Adopted bylaws are the town's; ones nobody adopted stop every use."""

    engine: Engine

    def judge(self, use: Use) -> tuple[Reason, ...]:
        """Every reason why this use is not permitted; none: it is.

        O(authorizations that might serve + datasets): of the authorizations for a need, newest first, up to the
        first one in order.
        """
        return self.judge_each([use])[0].reasons

    def judge_each(self, uses: Sequence[Use]) -> list[Judgement]:
        """What each of several uses meets, each judged by itself. O(uses x what `judge` costs), few calls of the
        engine."""
        things = [(entities.entity_of_person(use.person), *entities.entities_of_capability(use)) for use in uses]
        every = self._judged(uses, things)
        asked = []
        for use, judged, own in zip(uses, every, things, strict=True):
            question = entities.question_of_use(
                use,
                fit=sorted(role for role, (_, no) in judged.data.items() if not no),
                held=[name for name in judged.authorizations if judged.good(name)],
                adopted=self.bylaws_are_adopted(use.bylaws),
            )
            asked.append(
                (question, (*(Entity(id=("Technology", name), attributes={}) for name in use.suspended), *own))
            )
        return [
            Judgement(reasons=tuple(self._reasons(no, use, judged)) if no else (), held=judged.held)
            for no, use, judged in zip(self._asked(asked), uses, every, strict=True)
        ]

    def authorizations(self, need: Need, use: Use) -> Iterator[Authorization]:
        """The authorizations that satisfy a need, newest first. The engine is asked about each as it is taken."""
        things = [entities.entity_of_person(use.person), *entities.entities_of_capability(use)]
        return (
            authorization
            for authorization in entities.candidates(need, use)
            if not self._asked([self._about(authorization, need, use, things)])[0]
        )

    def judge_action(self, act: Action) -> tuple[Reason, ...]:
        """Every reason why this act of the office is not permitted."""
        no = self.engine.forbidden_by(entities.question_of_act(act), _things_of([act]))
        return tuple(self._of_act(no, act))

    def are_permitted(self, acts: Sequence[Action]) -> list[bool]:
        """Whether each of several acts of the same person is permitted, each judged by itself."""
        questions = [entities.question_of_act(act) for act in acts]
        return [not no for no in self.engine.each_forbidden_by(questions, _things_of(acts))] if acts else []

    def digest(self) -> str:
        """A digest of every policy, our own and the town's: the log keeps it beside each judgement."""
        return self.engine.digest()

    def bylaws_are_adopted(self, adopted: str) -> bool:
        """Whether the town's policies are the ones that two people adopted (the digest of which is `adopted`)."""
        return self.engine.digest("bylaws") == adopted

    def _judged(self, uses: Sequence[Use], things: Sequence[Sequence[Entity]]) -> list[_Judged]:
        """Of each use every dataset; and of the authorizations that might serve a need, newest first, all up to the
        first one in order.

        Where none serves, all were judged: they are the reasons.
        """
        made = [_Judged({name: [] for name in entities.needs_by_name(use)}, {}) for use in uses]
        waiting = [
            (n, name, need, iter(entities.candidates(need, use)))
            for n, use in enumerate(uses)
            for name, need in entities.needs_by_name(use).items()
        ]
        while newest := [(one, found) for one in waiting if (found := next(one[3], None))]:
            asked = [self._about(found, need, uses[n], things[n]) for (n, _, need, _), found in newest]
            waiting = []
            for (one, found), no in zip(newest, self._asked(asked), strict=True):
                made[one[0]].authorizations[one[1]].append((found, no))
                waiting += [one] if no else []
        self._judge_data(uses, things, made)
        return made

    def _judge_data(self, uses: Sequence[Use], things: Sequence[Sequence[Entity]], made: Sequence[_Judged]) -> None:
        """Put down of each use what is said of the datasets that it may read."""
        read, asked = [], []
        for n, use in enumerate(uses):
            declared = {one.role: one for one in use.capability.reads}
            for role, one in use.datasets.items():
                if one is not None and role in declared:
                    read.append((n, role, one))
                    question = entities.question_of_dataset(one, declared[role], use)
                    asked.append((question, (entities.entity_of_dataset(one, use), *things[n])))
        for (n, role, one), no in zip(read, self._asked(asked), strict=True):
            made[n].data[role] = one, no

    def _asked(self, questions: Sequence[Asked]) -> list[frozenset[str]]:
        """The policies that say no to each question, by its own facts.

        Questions are put together where no bylaw might look into what another one is about, and where their facts
        agree; and once more by themselves where one cannot be answered, for its facts may be all that is wrong.
        """
        known: dict[Id, Entity] = {}
        agree = all(known.setdefault(thing.id, thing) == thing for _, things in questions for thing in things)
        if len(questions) > 1 and agree and not self.engine.bylaws:
            found = self.engine.each_forbidden_by([question for question, _ in questions], list(known.values()))
            if not any(A_POLICY_FAILED in no for no in found):
                return found
        return [
            self.engine.forbidden_by(question, list({thing.id: thing for thing in things}.values()))
            for question, things in questions
        ]

    def _about(self, authorization: Authorization, need: Need, use: Use, things: Sequence[Entity]) -> Asked:
        """May a use rely on this authorization for this need?"""
        question = entities.question_of_authorization(need, authorization, use)
        return question, (entities.entity_of_authorization(authorization, use), *things)

    def _reasons(self, no: frozenset[str], use: Use, judged: _Judged) -> Iterator[Reason]:
        for policy, sentences in _OF_A_USE.items():
            if policy in no:
                yield from sentences(use, judged)
        yield from self._bylaws(no | _later(judged))
        if not no & (set(_OF_A_USE) | set(self.engine.bylaws)):
            yield _unforeseen(no)

    def _of_act(self, no: frozenset[str], act: Action) -> Iterator[Reason]:
        for policy in _OF_A_ACT:
            if policy in no:
                rule, says, remedy = _OF_A_ACT[policy]
                remedy = remedy or sentence("Roles that can do this: %(list)s", list=enumerated(sorted(act.roles)))
                yield Reason(rule=rule or act.rule, says=says, remedy=remedy, policy=policy)
        yield from self._bylaws(no)
        if no and not no & (set(_OF_A_ACT) | set(self.engine.bylaws)):
            yield _unforeseen(no)

    def _bylaws(self, no: frozenset[str]) -> Iterator[Reason]:
        for policy in sorted(no & set(self.engine.bylaws)):
            bylaw = self.engine.bylaws[policy]
            yield Reason(rule=policy, says=bylaw.says, remedy=bylaw.remedy, policy=policy)


def _later(judged: _Judged) -> frozenset[str]:
    """What was said of single authorizations and datasets: a bylaw that stopped one of them is a reason, too."""
    short = [authorizations for name, authorizations in judged.authorizations.items() if not judged.good(name)]
    return frozenset().union(
        *(no for authorizations in short for _, no in authorizations), *(no for _, no in judged.data.values())
    )


def _unforeseen(no: frozenset[str]) -> Reason:
    if NOTHING_PERMITS in no:
        return _no(NOTHING_PERMITS, "no policy permits anything", "Install a policy.")
    return _no(
        A_POLICY_FAILED, "A policy could not be evaluated, so the use is refused.", "Report it to the custodian."
    )


def _no(policy: str, says: str, remedy: str, rule: str = "") -> Reason:
    return Reason(rule=rule or policy, says=says, remedy=remedy, policy=policy)


def _suspended(use: Use, judged: _Judged) -> Iterator[Reason]:
    says = sentence("%(technology)s is suspended", technology=use.capability.technology)
    yield _no("the_technology_is_not_suspended", says, LIFTED_BY)


def _not_adopted(use: Use, judged: _Judged) -> Iterator[Reason]:
    says = "the bylaws in use differ from those adopted"
    yield _no(
        "the_bylaws_are_adopted", says, "Two people of different units must adopt them: `peelian oversight bylaws`"
    )


def _not_drilled(use: Use, judged: _Judged) -> Iterator[Reason]:
    says = "no breach drill that counts in the last 12 months"
    yield _no("a_breach_drill_is_recent", says, "Play a drill with three roles of two units: page *Breach drill*")


def _not_enrolled(use: Use, judged: _Judged) -> Iterator[Reason]:
    says, remedy = "requester not enrolled in this office", "Ask a custodian to enrol them with their roles."
    yield _no("the_asker_is_enrolled", says, remedy, rule="the_asker_may_ask")


def _not_trained(use: Use, judged: _Judged) -> Iterator[Reason]:
    says, remedy = (
        "requester's training expired",
        "Renew the training. A custodian then records it under Tasks.",
    )
    yield _no("the_asker_is_trained", says, remedy, rule="the_asker_may_ask")


def _no_role(use: Use, judged: _Judged) -> Iterator[Reason]:
    says = sentence("Your role cannot request %(id)s.", id=use.capability.id)
    yield _no(
        "the_asker_may_ask",
        says,
        sentence("Roles that can request it: %(list)s", list=enumerated(sorted(use.capability.asks.askers))),
    )


def _no_purpose(use: Use, judged: _Judged) -> Iterator[Reason]:
    says = sentence("purpose not allowed for %(id)s", id=use.capability.id)
    yield _no(
        "the_purpose_is_served",
        says,
        sentence("Choose one of: %(what)s", what=enumerated(sorted(use.capability.asks.purposes))),
    )


def _undeclared(use: Use, judged: _Judged) -> Iterator[Reason]:
    roles = {read.role for read in use.capability.reads}
    for role in sorted(set(use.datasets) - roles):
        says = sentence("%(id)s does not declare input %(role)s", id=use.capability.id, role=role)
        remedy = sentence("Accepted inputs: %(what)s", what=enumerated(sorted(roles), "no data"))
        yield _no("only_declared_data_is_read", says, remedy, rule="the_data_may_be_used")


def _unfit(use: Use, judged: _Judged) -> Iterator[Reason]:
    for read in use.capability.reads:
        if read.role not in judged.data and (read.role in use.datasets or not read.optional):
            named = read.role in use.datasets  # but the office has no such dataset
            says = sentence(
                "unknown dataset for %(role)s" if named else "no dataset chosen for %(role)s", role=read.role
            )
            yield _no(
                "the_data_may_be_used",
                says,
                sentence("Admit data of shape %(shape)s and choose it.", shape=read.shape),
            )
        elif read.role in judged.data:
            admission, no = judged.data[read.role]
            yield from _why_unfit(admission, no, *_shapes(use, admission, read))


def _shapes(use: Use, admission: Admission, read: Read) -> tuple[str, str]:
    """The shape of a dataset and the one wanted, with their owners where the bare words are the same."""
    wanted = read.of(use.capability.technology)
    bare = wanted.partition(".")[2]
    if admission.shape != bare:
        return admission.shape, bare
    return f"{use.owner_of(admission.format) or MISSING}.{admission.shape}", wanted


def _why_unfit(admission: Admission, no: frozenset[str], found: str, wanted: str) -> Iterator[Reason]:
    rule, name = "the_data_may_be_used", admission.dataset
    allowed = enumerated(admission.declaration["purposes"])
    sentences = {
        "the_data_has_the_shape": (
            sentence("dataset %(dataset)s has shape %(shape)s", dataset=name, shape=found),
            sentence("Choose a dataset of shape %(shape)s.", shape=wanted),
        ),
        "the_data_serves_the_purpose": (
            sentence("dataset %(dataset)s was not admitted for this purpose", dataset=name),
            sentence("Choose one of its purposes (%(purposes)s), or admit it again for this one.", purposes=allowed),
        ),
        "the_data_is_within_its_retention": (
            sentence("dataset %(dataset)s is past its retention period", dataset=name),
            sentence("Admit current data."),
        ),
        A_POLICY_FAILED: (
            sentence("dataset %(dataset)s cannot be evaluated by the policies", dataset=name),
            sentence("Admit it again."),
        ),
    }
    for policy, (says, remedy) in sentences.items():
        if policy in no:
            yield _no(policy, says, remedy, rule=rule)


def _no_authorizations(use: Use, judged: _Judged) -> Iterator[Reason]:
    for name, need in entities.needs_by_name(use).items():
        if not judged.good(name):
            yield _why_no_authorization(need, use, judged.authorizations[name])


def _why_no_authorization(need: Need, use: Use, found: Sequence[tuple[Authorization, frozenset[str]]]) -> Reason:
    title, of = sentence(TITLES[need.kind]), use.capability.id
    nearest, near = min(found, key=lambda one: len(one[1]), default=(None, frozenset[str]()))
    faults = [fault for policy, fault in AUTHORIZATION_FAULTS.items() if policy in near]
    faults += differences(need, use, nearest) if nearest and near & OF_SETTINGS else ()
    says = sentence("%(authorization)s missing for %(capability)s", authorization=title, capability=of)
    if near:
        says = sentence(
            "%(authorization)s not valid for %(capability)s (%(faults)s)",
            authorization=title,
            capability=of,
            faults=enumerated(faults, "blocked by a bylaw"),
        )
    covers = need.covers(use.params)
    issuers = enumerated(sorted(ISSUERS[need.kind]))
    how = (
        sentence(need.how or HOW[need.kind])
        if need.how or need.kind in HOW
        else sentence("Ask one of these to issue it: %(roles)s", roles=issuers)
    )
    wanted = scope(covers, use.params)
    remedy = sentence("Scope: %(what)s. %(how)s", how=how, what=enumerated(wanted)) if wanted else how
    policy = next((one for one in AUTHORIZATION_FAULTS if one in near), "the_authorizations_are_in_order")
    return _no(policy, says, remedy, rule="the_authorizations_are_in_order")


_OF_A_USE = {
    "the_technology_is_not_suspended": _suspended,
    "the_bylaws_are_adopted": _not_adopted,
    "a_breach_drill_is_recent": _not_drilled,
    "the_asker_is_enrolled": _not_enrolled,
    "the_asker_is_trained": _not_trained,
    "the_asker_may_ask": _no_role,
    "the_purpose_is_served": _no_purpose,
    "only_declared_data_is_read": _undeclared,
    "the_data_may_be_used": _unfit,
    "the_authorizations_are_in_order": _no_authorizations,
}
"""The sentences of each policy of a use, in the order in which they are told."""


def _things_of(acts: Sequence[Action]) -> list[Entity]:
    """The facts that acts of the same person are judged by."""
    known: dict[tuple[str, str], Entity] = {}
    for act in acts:
        first = [Entity(id=("Person", act.first), attributes=entities.UNKNOWN)] if act.first else []
        place = Entity(id=entities.place_of(act), attributes={})
        known |= {thing.id: thing for thing in (*first, entities.entity_of_person(act.person), place)}
    return list(known.values())


_OTHER = "the_asker_may_not_decide"
_OF_A_ACT: Mapping[str, tuple[str, str, str]] = {
    "the_person_is_enrolled": (
        "",
        "not enrolled, or not the enrolled key",
        "Ask a custodian to enrol this person.",
    ),
    "the_one_who_enters_is_enrolled": ("", "You are not logged on.", "Log on."),
    "the_one_who_enters_is_trained": (
        "",
        "training expired",
        "Renew the training. A custodian then records it under Tasks.",
    ),
    "the_person_holds_a_role": ("", "Your role cannot do this.", ""),
    "the_person_is_trained": (
        "",
        "training expired",
        "Renew the training. A custodian then records it under Tasks.",
    ),
    "a_second_word_needs_a_first": (
        _OTHER,
        "no request or proposal on record",
        "Ask someone in another unit to propose it first.",
    ),
    "nobody_approves_their_own": (_OTHER, "The requester cannot decide.", "Ask someone else to decide."),
    "the_second_person_is_of_another_unit": (
        _OTHER,
        "The decider is in the requester's unit.",
        "Ask someone in another unit to decide.",
    ),
    "the_person_may_enter": ("", "Your role has no access to this page.", "Ask someone whose role has access."),
    "the_room_takes_a_fresh_step_up": (
        "the_step_up_is_fresh",
        "Identity not confirmed in the last five minutes.",
        "Confirm your identity, then try again.",
    ),
    "the_step_up_is_fresh": (
        "the_step_up_is_fresh",
        "Identity not confirmed in the last five minutes.",
        "Confirm your identity, then try again.",
    ),
}
"""Rule ("": the act's own), what is wrong, and the remedy ("": the roles) of each policy of an act."""
