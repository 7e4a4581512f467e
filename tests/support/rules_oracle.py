"""The same policy written a second time, in plain Python and without Cedar: tests compare the two, case by case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from peelian.errors import Reason
from peelian.governance.assessed import is_assessed
from peelian.governance.capability import Need, Paper, Scalar
from peelian.governance.documents import Admission, Authority, mark_of
from peelian.governance.people import Person, signature_holds
from peelian.governance.policy import HOW, ISSUERS, TITLES, Use

Rule = Callable[[Use], Iterator[Reason]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A policy made of rules; the empty one refuses. A town's bylaws are further rules, so they can only tighten."""

    rules: tuple[Rule, ...]

    def judge(self, use: Use) -> tuple[Reason, ...]:
        """Every reason of every rule, in order."""
        if not self.rules:
            return (Reason(rule="an_empty_policy_refuses", says="no rule permits anything", remedy="adopt a policy"),)
        return tuple(reason for rule in self.rules for reason in rule(use))

    def digest(self) -> str:
        """A digest of the rules' names, in order: the log keeps it beside each judgement."""
        from peelian.measure.canonical import digest

        return digest([_name(rule) for rule in self.rules])


def a_breach_drill_is_recent(use: Use) -> Iterator[Reason]:
    """A breach was rehearsed within twelve months."""
    if not use.drill_is_recent:
        yield Reason(
            rule="a_breach_drill_is_recent",
            says="no breach drill of the last twelve months met its bars",
            remedy="go through one",
        )


def the_technology_is_not_suspended(use: Use) -> Iterator[Reason]:
    """The kill switch: a suspended technology does nothing until a board member lifts the suspension."""
    if use.capability.technology in use.suspended:
        yield Reason(
            rule="the_technology_is_not_suspended",
            says=f"{use.capability.technology} is suspended",
            remedy="a board member lifts the suspension",
        )


def the_asker_may_ask(use: Use) -> Iterator[Reason]:
    """The asker is enrolled, has current training, and holds a role the capability names."""
    rule = "the_asker_may_ask"
    if use.person is None:
        yield Reason(rule=rule, says="the asker is not enrolled in this office", remedy="enrol them with their roles")
        return
    if use.person.trained_until < use.now.date().isoformat():
        yield Reason(rule=rule, says="the asker's training has expired", remedy="renew the training, then enrol again")
    if not use.person.roles & use.capability.askers:
        wanted = ", ".join(sorted(use.capability.askers))
        yield Reason(
            rule=rule, says=f"this role may not ask for {use.capability.id}", remedy=f"ask in a role of: {wanted}"
        )


def the_purpose_is_served(use: Use) -> Iterator[Reason]:
    """A capability serves only the purposes it declares."""
    if use.purpose not in use.capability.purposes:
        wanted = ", ".join(sorted(use.capability.purposes)) or "none"
        yield Reason(
            rule="the_purpose_is_served",
            says=f"{use.capability.id} may not be used for this purpose",
            remedy=f"state one of: {wanted}",
        )


def the_data_may_be_used(use: Use) -> Iterator[Reason]:
    """Every dataset is admitted, has the right shape, may serve the purpose, and is within its retention."""
    roles = {read.role: read for read in use.capability.reads}
    for role in sorted(set(use.datasets) - set(roles)):
        yield Reason(
            rule="the_data_may_be_used",
            says=f"{use.capability.id} does not declare that it reads {role}",
            remedy=f"name only: {', '.join(sorted(roles)) or 'no data'}",
        )
    for role, read in roles.items():
        admission = use.datasets.get(role)
        if role not in use.datasets and read.optional:
            continue
        if admission is None:
            yield Reason(
                rule="the_data_may_be_used",
                says=f"no admitted dataset is named for {role}",
                remedy=f"admit data of the shape {read.shape} and name it",
            )
            continue
        yield from _fit_of(admission, read.shape, use)


def the_papers_are_in_order(use: Use) -> Iterator[Reason]:
    """Every paper the capability needs is there, in force, for this purpose, and covers what is asked."""
    for need in use.capability.needs:
        if not papers_for(need, use):
            yield _why_no_paper(need, use)


def papers_for(need: Need, use: Use) -> list[Authority]:
    """The papers that satisfy `need`, newest first. O(papers issued)."""
    good = [paper for paper in use.papers if not _faults(paper, need, use)]
    return sorted(good, key=lambda paper: paper.at, reverse=True)


THE_RULES = Rules(
    rules=(
        the_technology_is_not_suspended,
        a_breach_drill_is_recent,
        the_asker_may_ask,
        the_purpose_is_served,
        the_data_may_be_used,
        the_papers_are_in_order,
    )
)


def _name(rule: Rule) -> str:
    return getattr(rule, "__name__", type(rule).__name__)


def _fit_of(admission: Admission, shape: str, use: Use) -> Iterator[Reason]:
    rule = "the_data_may_be_used"
    if admission.shape != shape:
        yield Reason(
            rule=rule,
            says=f"dataset {admission.dataset} has the shape {admission.shape}",
            remedy=f"name a dataset of the shape {shape}",
        )
    if use.purpose not in admission.declaration["purposes"]:
        allowed = ", ".join(admission.declaration["purposes"])
        yield Reason(
            rule=rule,
            says=f"dataset {admission.dataset} was not admitted for this purpose",
            remedy=f"ask for one of its purposes ({allowed}) or admit it again with this one",
        )
    age = use.now - datetime.fromisoformat(admission.at)
    if age.days >= admission.declaration["retention_days"]:
        yield Reason(
            rule=rule,
            says=f"dataset {admission.dataset} is past its retention",
            remedy="admit current data",
        )


def _faults(paper: Authority, need: Need, use: Use) -> list[str]:
    """What is wrong with this paper for this need; an empty list means it is good."""
    own, technology = use.capability.id, use.capability.technology
    if paper.paper is not need.paper or paper.serves not in (own, need.or_of or own, f"{technology}.*"):
        return ["other"]
    faults = []
    now = use.now.isoformat()
    if paper.ends <= now:
        faults.append("expired")
    if paper.starts > now:
        faults.append("not yet in force")
    if use.purpose not in paper.purposes:
        faults.append("for another purpose")
    wanted = dict(need.covers(use.params))
    if paper.paper is Paper.WARRANT:
        faults += _faults_of_a_warrant(paper, {key: wanted.pop(key, "") for key in SCOPED}, use)
    if not _covered(wanted, paper.body):
        faults.append("for something else")
    if paper.paper is Paper.IMPACT_ASSESSMENT and not is_assessed(use.capability, use.params, paper.body):
        faults.append("of another version or of other settings")
    return faults + _faults_of_the_issuer(paper, use.issuers.get(paper.by))


def _faults_of_the_issuer(paper: Authority, issuer: Person | None) -> list[str]:
    if (
        issuer is None
        or not issuer.roles & ISSUERS[paper.paper]
        or not signature_holds(issuer.public_key, paper.signature, mark_of(paper).encode())
    ):
        return ["not signed by somebody who may issue it"]
    return []


SCOPED = ("cells", "sensors", "operations")


def _faults_of_a_warrant(paper: Authority, touched: Mapping[str, Scalar], use: Use) -> Iterator[str]:
    body, count = paper.body, paper.body.get("count")
    said = body.get("status") in ("confirmed", "provisional") and str(body.get("reference", "")).strip()
    complete = said and body.get("operations")
    if not complete or type(count) is not int or count < 1:
        yield "incomplete"
        return
    if body["status"] == "provisional" and use.now - datetime.fromisoformat(paper.starts) >= timedelta(hours=48):
        yield "provisional too long"
    for key in SCOPED:
        asked, granted = (set(str(text).replace(" ", "").split(",")) for text in (touched[key], body.get(key, "")))
        if asked - granted - {""}:
            yield f"other {key}"
    if use.used.get(paper.before or mark_of(paper), 0) >= count:
        yield "used up"


def _covered(wanted: Mapping[str, Scalar], body: Mapping[str, Scalar]) -> bool:
    return all(body.get(key) == value for key, value in wanted.items())


def _why_no_paper(need: Need, use: Use) -> Reason:
    title = TITLES[need.paper]
    near = sorted(
        (faults for paper in use.papers if (faults := _faults(paper, need, use)) != ["other"]),
        key=lambda faults: len(faults),
    )
    if near:
        says = f"the {title} for {use.capability.id} is {', '.join(near[0])}"
    else:
        says = f"there is no {title} for {use.capability.id}"
    wanted = ", ".join(f"{key} {value}" for key, value in need.covers(use.params).items())
    how = HOW.get(need.paper, f"have one issued by: {', '.join(sorted(ISSUERS[need.paper]))}")
    return Reason(rule="the_papers_are_in_order", says=says, remedy=f"{how}{f' (covering {wanted})' if wanted else ''}")
