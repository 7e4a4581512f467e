"""The policy of an office: a policy engine decides, and what it answers is put into sentences with their remedies.

First every paper and dataset of a use is judged by itself ("may this use rely on it, read it?"); what passed is a fact
when the use is judged. A refusal names every reason at once: the rule, what is wrong, what puts it right, and the
policy that said no.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter

from peelian.errors import Reason, listed, sentence
from peelian.governance import facts
from peelian.governance.capability import Need, Paper, Read
from peelian.governance.documents import Admission, Authority
from peelian.governance.engine import A_POLICY_FAILED, NOTHING_PERMITS, Engine, Question, Thing, moment
from peelian.governance.policy import HOW, ISSUERS, TITLES, Deed, Use

PAPER_FAULTS: Mapping[str, str] = {
    "the_paper_has_not_expired": "expired",
    "the_paper_is_in_force": "not yet in force",
    "the_paper_serves_the_purpose": "for another purpose",
    "the_paper_covers_what_is_asked": "for something else",
    "the_assessment_is_of_what_is_used": "of another version or of other settings",
    "the_paper_is_signed_by_who_may_issue_it": "not signed by somebody who may issue it",
    "the_warrant_says_what_it_covers": "silent about its status, its operations or its count",
    "the_provisional_warrant_is_within_48_hours": "provisional and older than 48 hours",
    "the_warrant_covers_the_places": "for other places",
    "the_warrant_covers_the_sensors": "for other sensors",
    "the_warrant_covers_the_operations": "for other operations",
    "the_warrant_is_not_used_up": "used up",
    A_POLICY_FAILED: "not what the policies can judge",
}
"""What is wrong with a paper, by the policy that said no, in the order in which it is told."""

_WHAT_IT_IS = attrgetter(*(known.name for known in fields(Use) if known.name not in ("now", "action", "used")))


@dataclass(frozen=True, slots=True)
class _Judged:
    """Papers by need, and datasets by role, each with the policies that said no."""

    papers: dict[str, list[tuple[Authority, frozenset[str]]]]
    data: dict[str, tuple[Admission, frozenset[str]]]
    asked: list[Question]  # what the engine was asked about them
    roots: set[str]  # of the warrants among the papers

    def good(self, need: str) -> list[Authority]:
        """The papers that satisfy a need, newest first."""
        return [paper for paper, no in self.papers[need] if not no]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was said of a use, and until when time alone changes nothing about it."""

    use: Use
    judged: _Judged
    reasons: tuple[Reason, ...]
    until: str
    action: str  # as which it was judged

    def serves(self, use: Use, action: str) -> bool:
        """Whether the same is to be said of this use, which is judged as such an action: the same in everything but the
        time, where nothing turned."""
        if use is self.use:
            return True
        same = action == self.action and _WHAT_IT_IS(use) == _WHAT_IT_IS(self.use)
        return same and self._as_used(use) and self.use.now <= use.now and moment(use.now) < self.until

    def _as_used(self, use: Use) -> bool:
        """Whether each warrant that was looked at was used as often. O(those)."""
        return all(use.used.get(root, 0) == self.use.used.get(root, 0) for root in self.judged.roots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statutes:
    """A policy that an engine decides. Adopted bylaws are the town's; ones nobody adopted stop every use."""

    engine: Engine
    _latest: list[_Answer] = field(default_factory=list, repr=False, compare=False)  # the newest one, if any

    def judge(self, use: Use) -> tuple[Reason, ...]:
        """Every reason why this use is not permitted; none: it is. O(papers + datasets), of which the policies look at
        the newest ones, and at all that might serve where none of them does.

        Who asks for a use, who runs it and who holds its keys all want to know: they are answered as the first was,
        unless anything differs, something turned in between, or a policy tells a run from its request.
        """
        action = self.engine.judged_as(use.action)
        for latest in self._latest[:]:
            if latest.serves(use, action):
                return latest.reasons
        things = [facts.thing_of_person(use.person), *facts.things_of_capability(use)]
        judged = self._judged(use, things)
        question = facts.question_of_use(
            use,
            fit=sorted(role for role, (_, no) in judged.data.items() if not no),
            held=[name for name in judged.papers if judged.good(name)],
            adopted=self.bylaws_are_adopted(use.bylaws),
            action=action,
        )
        suspended = [Thing(id=("Technology", name), attributes={}) for name in use.suspended]
        known = {thing.id: thing for thing in (*suspended, *things)}
        (no,) = self.engine.forbidden_by([question], list(known.values()))
        reasons = tuple(self._reasons(no, use, judged)) if no else ()
        self._latest[:] = [_Answer(use, judged, reasons, self.engine.until([*judged.asked, question]), action)]
        return reasons

    def papers(self, need: Need, use: Use) -> list[Authority]:
        """The papers that satisfy a need, newest first. O(papers that serve the capability)."""
        for latest in self._latest[:]:
            names = [name for name, known in facts.needs_by_name(use).items() if known == need]
            if names and latest.serves(use, self.engine.judged_as(use.action)):
                return latest.judged.good(names[0])
        papers = facts.candidates(need, use)
        if not papers:
            return []
        made = [facts.thing_of_paper(paper, use) for paper in papers]
        questions = [facts.question_of_paper(need, pair, use) for pair in zip(papers, made, strict=True)]
        known = [*made, facts.thing_of_person(use.person), *facts.things_of_capability(use)]
        answers = self.engine.forbidden_by(questions, list({thing.id: thing for thing in known}.values()))
        return [paper for paper, no in zip(papers, answers, strict=True) if not no]

    def judge_deed(self, deed: Deed) -> tuple[Reason, ...]:
        """Every reason why this act of the office is not permitted."""
        place = Thing(id=facts.place_of(deed), attributes={})
        first = [Thing(id=("Person", deed.first), attributes=STRANGER)] if deed.first else []
        known = {thing.id: thing for thing in (*first, facts.thing_of_person(deed.person), place)}
        (no,) = self.engine.forbidden_by([facts.question_of_deed(deed)], list(known.values()))
        return tuple(self._of_deed(no, deed))

    def digest(self) -> str:
        """A digest of every policy, our own and the town's: the log keeps it beside each judgement."""
        return self.engine.digest()

    def forget(self) -> None:
        """Keep nothing of what was judged."""
        self._latest.clear()

    def bylaws_are_adopted(self, adopted: str) -> bool:
        """Whether the town's policies are the ones that two people adopted (the digest of which is `adopted`)."""
        return self.engine.digest("bylaws") == adopted

    def _judged(self, use: Use, things: list[Thing]) -> _Judged:
        """Every dataset; and of the papers that might serve a need the newest, then the four before it, the sixteen
        before those… until one will do. Of a need that none serves all are judged, for the reasons."""
        needs, shapes = facts.needs_by_name(use), {read.role: read.shape for read in use.capability.reads}
        waiting = {name: facts.candidates(need, use) for name, need in needs.items()}
        data = {role: one for role, one in use.datasets.items() if one is not None and role in shapes}
        judged = _Judged(papers={name: [] for name in needs}, data={}, asked=[], roots=set())
        start, end = 0, 1
        while True:
            papers = [(name, one) for name in needs if not judged.good(name) for one in waiting[name][start:end]]
            made = [facts.thing_of_paper(paper, use) for _, paper in papers]
            about = list(zip(papers, made, strict=True))
            questions = [facts.question_of_paper(needs[name], (one, thing), use) for (name, one), thing in about]
            judged.roots.update(one.before or thing.id[1] for (_, one), thing in about if one.paper is Paper.WARRANT)
            read = {role: (one, facts.thing_of_dataset(one)) for role, one in data.items()}
            questions += [facts.question_of_dataset(both, shapes[role], use) for role, both in read.items()]
            if not questions:
                return judged
            judged.asked.extend(questions)
            known = [*made, *(thing for _, thing in read.values()), *things]
            answers = iter(self.engine.forbidden_by(questions, list({thing.id: thing for thing in known}.values())))
            for name, paper in papers:
                judged.papers[name].append((paper, next(answers)))
            judged.data.update({role: (one, next(answers)) for role, one in data.items()})
            data, start, end = {}, end, end + 4 * (end - start)

    def _reasons(self, no: frozenset[str], use: Use, judged: _Judged) -> Iterator[Reason]:
        for policy, sentences in _OF_A_USE.items():
            if policy in no:
                yield from sentences(use, judged)
        yield from self._bylaws(no | _later(judged))
        if not no & (set(_OF_A_USE) | set(self.engine.bylaws)):
            yield _unforeseen(no)

    def _of_deed(self, no: frozenset[str], deed: Deed) -> Iterator[Reason]:
        for policy in _OF_A_DEED:
            if policy in no:
                rule, says, remedy = _OF_A_DEED[policy]
                remedy = remedy or sentence("somebody does it who is: %(list)s", list=listed(sorted(deed.roles)))
                yield Reason(rule=rule or deed.rule, says=says, remedy=remedy, policy=policy)
        yield from self._bylaws(no)
        if no and not no & (set(_OF_A_DEED) | set(self.engine.bylaws)):
            yield _unforeseen(no)

    def _bylaws(self, no: frozenset[str]) -> Iterator[Reason]:
        for policy in sorted(no & set(self.engine.bylaws)):
            bylaw = self.engine.bylaws[policy]
            yield Reason(rule=policy, says=bylaw.says, remedy=bylaw.remedy, policy=policy)


STRANGER = {"enrolled": False, "unit": "", "roles": [], "trained_until": "1970-01-01T00:00:00.000Z"}


def _later(judged: _Judged) -> frozenset[str]:
    """What was said of single papers and datasets: a bylaw that stopped one of them is a reason, too."""
    short = [papers for name, papers in judged.papers.items() if not judged.good(name)]
    return frozenset().union(*(no for papers in short for _, no in papers), *(no for _, no in judged.data.values()))


def _unforeseen(no: frozenset[str]) -> Reason:
    if NOTHING_PERMITS in no:
        return _no(NOTHING_PERMITS, "no rule permits anything", "adopt a policy")
    return _no(
        A_POLICY_FAILED, "a policy could not be applied to this, and so it refuses", "report it to the custodian"
    )


def _no(policy: str, says: str, remedy: str, rule: str = "") -> Reason:
    return Reason(rule=rule or policy, says=says, remedy=remedy, policy=policy)


def _suspended(use: Use, judged: _Judged) -> Iterator[Reason]:
    says = sentence("%(technology)s is suspended", technology=use.capability.technology)
    yield _no("the_technology_is_not_suspended", says, "a board member lifts the suspension")


def _not_adopted(use: Use, judged: _Judged) -> Iterator[Reason]:
    says = "the town's bylaws are not the ones that were adopted"
    yield _no("the_bylaws_are_adopted", says, "two people of different units adopt them: see `peelian bylaws`")


def _not_drilled(use: Use, judged: _Judged) -> Iterator[Reason]:
    says = "no breach drill of the last twelve months met its bars"
    yield _no("a_breach_drill_is_recent", says, "go through one: `peelian drill run`")


def _not_enrolled(use: Use, judged: _Judged) -> Iterator[Reason]:
    says, remedy = "the asker is not enrolled in this office", "enrol them with their roles"
    yield _no("the_asker_is_enrolled", says, remedy, rule="the_asker_may_ask")


def _not_trained(use: Use, judged: _Judged) -> Iterator[Reason]:
    says, remedy = "the asker's training has expired", "renew the training, then enrol again"
    yield _no("the_asker_is_trained", says, remedy, rule="the_asker_may_ask")


def _no_role(use: Use, judged: _Judged) -> Iterator[Reason]:
    says = sentence("this role may not ask for %(id)s", id=use.capability.id)
    yield _no(
        "the_asker_may_ask", says, sentence("ask in a role of: %(list)s", list=listed(sorted(use.capability.askers)))
    )


def _no_purpose(use: Use, judged: _Judged) -> Iterator[Reason]:
    says = sentence("%(id)s may not be used for this purpose", id=use.capability.id)
    yield _no(
        "the_purpose_is_served", says, sentence("state one of: %(what)s", what=listed(sorted(use.capability.purposes)))
    )


def _undeclared(use: Use, judged: _Judged) -> Iterator[Reason]:
    roles = {read.role for read in use.capability.reads}
    for role in sorted(set(use.datasets) - roles):
        says = sentence("%(id)s does not declare that it reads %(role)s", id=use.capability.id, role=role)
        remedy = sentence("name only: %(what)s", what=listed(sorted(roles), "no data"))
        yield _no("only_declared_data_is_read", says, remedy, rule="the_data_may_be_used")


def _unfit(use: Use, judged: _Judged) -> Iterator[Reason]:
    for read in use.capability.reads:
        if read.role not in judged.data and (read.role in use.datasets or not read.optional):
            says = sentence("no admitted dataset is named for %(role)s", role=read.role)
            yield _no(
                "the_data_may_be_used",
                says,
                sentence("admit data of the shape %(shape)s and name it", shape=read.shape),
            )
        elif read.role in judged.data:
            admission, no = judged.data[read.role]
            yield from _why_unfit(admission, no, read)


def _why_unfit(admission: Admission, no: frozenset[str], read: Read) -> Iterator[Reason]:
    rule, name = "the_data_may_be_used", admission.dataset
    allowed = listed(admission.declaration["purposes"])
    sentences = {
        "the_data_has_the_shape": (
            sentence("dataset %(dataset)s has the shape %(shape)s", dataset=name, shape=admission.shape),
            sentence("name a dataset of the shape %(shape)s", shape=read.shape),
        ),
        "the_data_serves_the_purpose": (
            sentence("dataset %(dataset)s was not admitted for this purpose", dataset=name),
            sentence("ask for one of its purposes (%(purposes)s) or admit it again with this one", purposes=allowed),
        ),
        "the_data_is_within_its_retention": (
            sentence("dataset %(dataset)s is past its retention", dataset=name),
            sentence("admit current data"),
        ),
        A_POLICY_FAILED: (
            sentence("dataset %(dataset)s is not what the policies can judge", dataset=name),
            sentence("admit it again"),
        ),
    }
    for policy, (says, remedy) in sentences.items():
        if policy in no:
            yield _no(policy, says, remedy, rule=rule)


def _no_papers(use: Use, judged: _Judged) -> Iterator[Reason]:
    for name, need in facts.needs_by_name(use).items():
        if not judged.good(name):
            yield _why_no_paper(need, use, [no for _, no in judged.papers[name]])


def _why_no_paper(need: Need, use: Use, nos: Sequence[frozenset[str]]) -> Reason:
    title, of = sentence(TITLES[need.paper]), use.capability.id
    near = min(nos, key=len, default=frozenset())
    faults = [fault for policy, fault in PAPER_FAULTS.items() if policy in near]
    says = sentence("there is no %(paper)s for %(capability)s", paper=title, capability=of)
    if near:
        found = listed(faults, "kept back by a bylaw")
        says = sentence("the %(paper)s for %(capability)s is %(faults)s", paper=title, capability=of, faults=found)
    wanted = ", ".join(f"{key} {value}" for key, value in need.covers(use.params).items())
    issuers = listed(sorted(ISSUERS[need.paper]))
    how = sentence(HOW[need.paper]) if need.paper in HOW else sentence("have one issued by: %(roles)s", roles=issuers)
    remedy = sentence("%(how)s (covering %(what)s)", how=how, what=wanted) if wanted else how
    policy = next((one for one in PAPER_FAULTS if one in near), "the_papers_are_in_order")
    return _no(policy, says, remedy, rule="the_papers_are_in_order")


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
    "the_papers_are_in_order": _no_papers,
}
"""The sentences of each policy of a use, in the order in which they are told."""

_OTHER = "the_asker_may_not_decide"
_OF_A_DEED: Mapping[str, tuple[str, str, str]] = {
    "the_person_is_enrolled": (
        "",
        "this person is not enrolled, or this is not their key",
        "have a custodian enrol them",
    ),
    "the_one_who_enters_is_enrolled": ("", "nobody of this office is at the desk", "log on"),
    "the_one_who_enters_is_trained": (
        "",
        "this person's training has expired",
        "renew the training, then enrol again",
    ),
    "the_person_holds_a_role": ("", "this role may not do this", ""),
    "the_person_is_trained": ("", "this person's training has expired", "renew the training, then enrol again"),
    "a_second_word_needs_a_first": (_OTHER, "nobody has asked for this yet", "somebody of another unit asks first"),
    "nobody_approves_their_own": (_OTHER, "the asker may not decide", "somebody else decides"),
    "the_second_person_is_of_another_unit": (
        _OTHER,
        "the decider is from the asker's unit",
        "somebody of another unit decides",
    ),
    "the_person_may_enter": ("", "this role has no work in this room", "somebody does it whose work it is"),
    "the_room_takes_a_fresh_step_up": (
        "the_step_up_is_fresh",
        "this person has not proved in the last five minutes that they are at the desk",
        "prove it with the key, then do it again",
    ),
    "the_step_up_is_fresh": (
        "the_step_up_is_fresh",
        "this person has not proved in the last five minutes that they are at the desk",
        "prove it with the key, then do it again",
    ),
}
"""Rule ("": the act's own), what is wrong, and the remedy ("": the roles) of each policy of an act."""
