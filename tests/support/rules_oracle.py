"""The same policy written a second time, in plain Python and without Cedar: tests compare the two, case by case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from peelian.errors import Reason
from peelian.kernel.model.capability import AuthorizationKind, Need, Scalar
from peelian.kernel.model.documents import Admission, Authorization, digest_of
from peelian.kernel.model.people import Person, signature_holds
from peelian.kernel.model.policy_port import HOW, ISSUERS, SIGNERS, TITLES, Use
from peelian.kernel.policy.assessment_fingerprint import is_assessed

Rule = Callable[[Use], Iterator[Reason]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A policy made of rules; the empty one refuses. A town's bylaws are further rules, so they can only tighten."""

    rules: tuple[Rule, ...]

    def judge(self, use: Use) -> tuple[Reason, ...]:
        """Every reason of every rule, in order."""
        if not self.rules:
            return (
                Reason(rule="an_empty_policy_refuses", says="no policy permits anything", remedy="Install a policy."),
            )
        return tuple(reason for rule in self.rules for reason in rule(use))

    def digest(self) -> str:
        """A digest of the rules' names, in order: the log keeps it beside each judgement."""
        from peelian.measure.canonical import canonical_digest

        return canonical_digest([_name(rule) for rule in self.rules])


def a_breach_drill_is_recent(use: Use) -> Iterator[Reason]:
    """A breach was rehearsed within twelve months."""
    if not use.drill_is_recent:
        yield Reason(
            rule="a_breach_drill_is_recent",
            says="no breach drill met its targets in the last 12 months",
            remedy="go through one",
        )


def the_technology_is_not_suspended(use: Use) -> Iterator[Reason]:
    """The kill switch: a suspended technology does nothing until a board member lifts the suspension."""
    if use.capability.technology in use.suspended:
        yield Reason(
            rule="the_technology_is_not_suspended",
            says=f"{use.capability.technology} is suspended",
            remedy="Ask a board member to lift the suspension.",
        )


def the_asker_may_ask(use: Use) -> Iterator[Reason]:
    """The asker is enrolled, has current training, and holds a role the capability names."""
    rule = "the_asker_may_ask"
    if use.person is None:
        yield Reason(
            rule=rule,
            says="requester not enrolled in this office",
            remedy="Ask a custodian to enrol them with their roles.",
        )
        return
    if use.person.trained_until < use.now.date().isoformat():
        yield Reason(
            rule=rule,
            says="requester's training expired",
            remedy="Renew the training. A custodian then records it under Tasks.",
        )
    if not use.person.roles & use.capability.asks.askers:
        wanted = ", ".join(sorted(use.capability.asks.askers))
        yield Reason(
            rule=rule,
            says=f"Your role cannot request {use.capability.id}",
            remedy=f"Roles that can request it: {wanted}",
        )


def the_purpose_is_served(use: Use) -> Iterator[Reason]:
    """A capability serves only the purposes it declares."""
    if use.purpose not in use.capability.asks.purposes:
        wanted = ", ".join(sorted(use.capability.asks.purposes)) or "none"
        yield Reason(
            rule="the_purpose_is_served",
            says=f"{use.capability.id} may not be used for this purpose",
            remedy=f"Choose one of: {wanted}",
        )


def the_data_may_be_used(use: Use) -> Iterator[Reason]:
    """Every dataset is admitted, has the right shape, may serve the purpose, and is within its retention."""
    roles = {read.role: read for read in use.capability.reads}
    for role in sorted(set(use.datasets) - set(roles)):
        yield Reason(
            rule="the_data_may_be_used",
            says=f"{use.capability.id} does not declare input {role}",
            remedy=f"Accepted inputs: {', '.join(sorted(roles)) or 'no data'}",
        )
    for role, read in roles.items():
        admission = use.datasets.get(role)
        if role not in use.datasets and read.optional:
            continue
        if admission is None:
            yield Reason(
                rule="the_data_may_be_used",
                says=f"no dataset chosen for {role}",
                remedy=f"admit data of the shape {read.shape} and name it",
            )
            continue
        yield from _fit_of(admission, read.of(use.capability.technology), use)


def the_authorizations_are_in_order(use: Use) -> Iterator[Reason]:
    """Every authorization the capability needs is there, in force, for this purpose, and covers what is asked."""
    for need in use.needs:
        if not authorizations_for(need, use):
            yield _why_no_authorization(need, use)


def authorizations_for(need: Need, use: Use) -> list[Authorization]:
    """The authorizations that satisfy `need`, newest first. O(authorizations issued)."""
    good = [authorization for authorization in use.authorizations if not _faults(authorization, need, use)]
    return sorted(good, key=lambda authorization: authorization.at, reverse=True)


THE_RULES = Rules(
    rules=(
        the_technology_is_not_suspended,
        a_breach_drill_is_recent,
        the_asker_may_ask,
        the_purpose_is_served,
        the_data_may_be_used,
        the_authorizations_are_in_order,
    )
)


def _name(rule: Rule) -> str:
    return getattr(rule, "__name__", type(rule).__name__)


def _fit_of(admission: Admission, shape: str, use: Use) -> Iterator[Reason]:
    rule = "the_data_may_be_used"
    if f"{use.owner_of(admission.format)}.{admission.shape}" != shape:
        yield Reason(
            rule=rule,
            says=f"dataset {admission.dataset} has shape {admission.shape}",
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
            remedy="Admit current data.",
        )


def _faults(authorization: Authorization, need: Need, use: Use) -> list[str]:
    """What is wrong with this authorization for this need; an empty list means it is good."""
    own, technology = use.capability.id, use.capability.technology
    if authorization.kind is not need.kind or authorization.serves not in (own, need.or_of or own, f"{technology}.*"):
        return ["other"]
    faults = []
    now = use.now.isoformat()
    if authorization.ends <= now:
        faults.append("expired")
    if authorization.starts > now:
        faults.append("not yet in force")
    if use.purpose not in authorization.purposes:
        faults.append("for another purpose")
    wanted = dict(need.covers(use.params))
    if authorization.kind is AuthorizationKind.WARRANT:
        faults += _faults_of_a_warrant(authorization, {key: wanted.pop(key, "") for key in SCOPED}, use)
    if not _covered(wanted, authorization.body):
        faults.append("scope does not match")
    if authorization.kind is AuthorizationKind.IMPACT_ASSESSMENT and not is_assessed(
        use.capability, use.params, authorization.body
    ):
        faults.append("assessed for another version or settings")
    return faults + _faults_of_the_issuer(authorization, use.issuers.get(authorization.by))


def _faults_of_the_issuer(authorization: Authorization, issuer: Person | None) -> list[str]:
    if (
        issuer is None
        or not issuer.roles & SIGNERS[authorization.kind]
        or not signature_holds(issuer.public_key, authorization.signature, digest_of(authorization).encode())
    ):
        return ["not signed by an authorized issuer"]
    return []


SCOPED = ("cells", "sensors", "operations")


def _faults_of_a_warrant(authorization: Authorization, touched: Mapping[str, Scalar], use: Use) -> Iterator[str]:
    body, count = authorization.body, authorization.body.get("count")
    said = body.get("status") in ("confirmed", "provisional") and str(body.get("reference", "")).strip()
    complete = said and body.get("operations")
    if not complete or type(count) is not int or count < 1:
        yield "incomplete"
        return
    stated = [
        "court",
        "issued",
        "recorded_by",
        *(["urgency"] if body["status"] == "provisional" else ["judge", "ends"]),
    ]
    papers = len(str(body.get("paper", ""))) == 64 and all(str(body.get(one, "")).strip() for one in stated)
    alone = body.get("recorded_by") == authorization.by
    if not papers or alone != (body["status"] == "provisional"):
        yield "without paper or a second person"
    if body["status"] == "provisional" and use.capability.id != "sensors.collect":
        yield "provisional"
    if body["status"] == "provisional" and use.now - datetime.fromisoformat(authorization.starts) >= timedelta(
        hours=48
    ):
        yield "provisional too long"
    for key in SCOPED:
        asked, granted = (set(str(text).replace(" ", "").split(",")) for text in (touched[key], body.get(key, "")))
        if asked - granted - {""}:
            yield f"other {key}"
    if use.used.get(authorization.before or digest_of(authorization), 0) >= count:
        yield "used up"


def _covered(wanted: Mapping[str, Scalar], body: Mapping[str, Scalar]) -> bool:
    return all(body.get(key) == value for key, value in wanted.items())


def _why_no_authorization(need: Need, use: Use) -> Reason:
    title = TITLES[need.kind]
    near = sorted(
        (faults for authorization in use.authorizations if (faults := _faults(authorization, need, use)) != ["other"]),
        key=lambda faults: len(faults),
    )
    if near:
        says = f"the {title} for {use.capability.id} is {', '.join(near[0])}"
    else:
        says = f"there is no {title} for {use.capability.id}"
    wanted = ", ".join(f"{key} {value}" for key, value in need.covers(use.params).items())
    how = HOW.get(need.kind, f"Ask one of these to issue it: {', '.join(sorted(ISSUERS[need.kind]))}")
    return Reason(
        rule="the_authorizations_are_in_order", says=says, remedy=f"{how}{f' (covering {wanted})' if wanted else ''}"
    )
