"""The steps from answers to a signed assessment: submit, review, explain, approve, sign. Each is a record in the log.

The authorization names the digests of every capability with the settings it was assessed for
(`kernel/policy/assessment_fingerprint.py`): the gate closes by itself when one of them changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peelian.errors import InputError, OutOfOrder, Reason, Refused, enumerated, sentence
from peelian.kernel.model.capability import AuthorizationKind, Capability, Purpose, Role, Scalar
from peelian.kernel.model.documents import Authorization
from peelian.kernel.model.org_units import same_unit
from peelian.kernel.model.params import spelled_params
from peelian.kernel.model.people import Operator
from peelian.kernel.model.policy_port import ISSUERS
from peelian.kernel.model.watch import Watch
from peelian.kernel.policy.assessment_fingerprint import (
    VERSION_KEY,
    assessed_digest,
    body_key,
    settings_key,
    settings_of,
    versions,
)
from peelian.kernel.policy.authorize import must_hold_role, refusal
from peelian.kernel.records.office_records import MAKERS, OfficeRecord, entries_of, keep, kept, still_kept
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel, log_word
from peelian.kernel.state.record_index import RECORDS
from peelian.kernel.verbs.authorizations import sign_authorization
from peelian.oversight.assessment.answers import checked
from peelian.oversight.assessment.obligations import BY_LEVEL, MORE, PARTS
from peelian.oversight.assessment.questions import Answers, Questionnaire, shipped, weighs_the_same
from peelian.oversight.assessment.scoring import LEVELS, scored

REVIEWERS = MAKERS["peer_review"]
FEWEST_WORDS = 3
RULE = "the_level_is_honoured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A submitted assessment with what was recorded about it since."""

    digest: str
    by: str
    at: str
    unit: str
    serves: str
    answers: Answers
    score: Mapping[str, Any]
    uses: Sequence[Mapping[str, Any]]  # capability, params, settings
    digests: Mapping[str, Sequence[str]]  # capability → digests it was made of
    reviews: Sequence[OfficeRecord]
    approvals: Sequence[OfficeRecord]
    explanation: Mapping[str, Mapping[str, str]]  # part → {"en", "fr"}, {} before there is one

    @property
    def level(self) -> int:
        """The computed level, 1 to 4."""
        return int(self.score["level"])


def submit(
    kernel: Kernel,
    by: Operator,
    serves: str,
    answers: Answers,
    uses: Sequence[tuple[str, Any]],
    *,
    questions: Questionnaire | None = None,
) -> str:
    """Keep a complete set of answers about named uses (capability, its params); returns the assessment's digest.

    InputError, NotEnoughData: answers that are missing, unknown or contradict one another; questions of other weights.
    OutOfOrder: a use that is not of what the assessment serves.
    """
    spelled = tuple((name, spelled_params(params)) for name, params in uses)
    return submitted(kernel, by, serves, answers, spelled, questions=questions)


@act
def submitted(
    kernel: Kernel,
    by: Operator,
    serves: str,
    answers: Answers,
    uses: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    questions: Questionnaire | None,
) -> str:
    """The same, the params of each use spelled as a document spells them."""
    person = must_hold_role(kernel, by, ISSUERS[AuthorizationKind.IMPACT_ASSESSMENT], "the_issuer_may_issue")
    questions = questions or shipped()
    if not weighs_the_same(questions):
        raise InputError("answer weights differ from the official set", accepted="version 1.0.1 of the official file")
    found = scored(questions, checked(questions, answers))
    if not uses:
        raise InputError("subject of the assessment missing", accepted="at least one capability with its settings")
    body: dict[str, Any] = {
        "serves": serves,
        "questions": questions.version,
        "answers": {key: value if isinstance(value, str) else list(value) for key, value in answers.items()},
        "uses": [],
        "digests": {},
        "score": {
            "raw": found.raw,
            "most_raw": found.most_raw,
            "mitigation": found.mitigation,
            "most_mitigation": int(found.most_mitigation),
            "score": found.score,
            "level": found.level,
        },
        "unit": person.unit,
    }
    for name, given in uses:
        declared = declared_as(kernel, name)
        params = declared_params(declared, given)
        if serves not in (name, f"{declared.technology}.*"):
            raise OutOfOrder(
                sentence("The assessment of %(technology)s does not cover %(name)s.", technology=serves[:60], name=name)
            )
        plain = json.dumps(dict(given), ensure_ascii=False)  # as text: a record spells no number with a point
        settings = {key: str(value) for key, value in settings_of(declared, params).items()}
        body["uses"].append({"capability": name, "params": plain, "settings": settings})
        body["digests"].setdefault(name, []).append(assessed_digest(declared, params))
    return keep(kernel, by, "assessment", body, serves=serves, level=found.level)


@act
def review(kernel: Kernel, by: Operator, digest: str, *, qualified_as: str, finding: str) -> str:
    """A peer review by somebody of another unit: in which capacity, and what was found."""
    person = must_hold_role(kernel, by, REVIEWERS, "the_peer_may_review")
    made = assessment(kernel, digest)
    if by.person.token == made.by or same_unit(person.unit, made.unit):
        raise Refused(
            [
                refusal(
                    "the_peer_may_review", "the reviewer must belong to another unit", "Ask someone else to review it."
                )
            ]
        )
    _worded(finding, "finding")
    body = {"qualified_as": qualified_as.strip(), "finding": finding.strip(), "unit": person.unit}
    return keep(kernel, by, "peer_review", body, before=digest, unit=log_word(person.unit))


@act
def explain(kernel: Kernel, by: Operator, digest: str, parts: Mapping[str, Mapping[str, str]]) -> str:
    """The plain-language texts of a level, in English and French: seven parts, notice, groups, fallback.

    InputError names a part that nobody asked for or that lacks a language. Texts are published: no names.
    """
    must_hold_role(kernel, by, ISSUERS[AuthorizationKind.IMPACT_ASSESSMENT] | {Role.CLERK}, "the_issuer_may_issue")
    assessment(kernel, digest)
    for name, texts in parts.items():
        if name not in {**PARTS, **MORE}:
            raise InputError("unknown part of an explanation", column=name[:40], accepted=", ".join([*PARTS, *MORE]))
        for language in ("en", "fr"):
            if len(str(texts.get(language, "")).split()) < FEWEST_WORDS:
                raise InputError("part of the explanation missing", column=f"{name}.{language}", accepted="a text")
    body = {name: {"en": texts["en"].strip(), "fr": texts["fr"].strip()} for name, texts in parts.items()}
    return keep(kernel, by, "explanation", body, before=digest)


@act
def approve(kernel: Kernel, by: Operator, digest: str, *, reasons: str) -> str:
    """Somebody of the rank the level asks for, not the assessor and of another unit, approves."""
    made = assessment(kernel, digest)
    ranks = BY_LEVEL[made.level].approvers
    person = must_hold_role(kernel, by, ranks, "the_approver_has_the_rank")
    if by.person.token == made.by or same_unit(person.unit, made.unit):
        says = "The assessor and their unit cannot approve."
        raise Refused([refusal("the_approver_has_the_rank", says, "Ask someone in another unit to approve it.")])
    _worded(reasons, "reasons")
    return keep(kernel, by, "approval", {"reasons": reasons.strip(), "unit": person.unit}, before=digest)


@act
def sign(kernel: Kernel, by: Operator, digest: str, *, purposes: Sequence[Purpose], days: int = 365) -> Authorization:
    """Turn an assessment into its authorization. Refused, with every reason, while its level asks for more.

    OutOfOrder: what was assessed is no longer what is used (another version, other settings), or it was signed once:
    neither the end of an authorization nor its revocation is undone by signing again what was approved then.
    """
    must_hold_role(kernel, by, ISSUERS[AuthorizationKind.IMPACT_ASSESSMENT], "the_issuer_may_issue")
    made = assessment(kernel, digest)
    if stale := changed(kernel, made):
        raise OutOfOrder(sentence("%(names)s changed since this assessment. Assess it again.", names=", ".join(stale)))
    if any(entry["kind"] == "ISSUED" for _, entry in kernel.stores.log.found("before", digest)):
        raise OutOfOrder("This assessment is already signed. Assess it again, as it is used now.")
    if wanted := tuple(still_wanted(kernel, made)):
        raise Refused(wanted)
    digests = {body_key(name): " ".join(digests) for name, digests in made.digests.items()}
    told = {settings_key(name): json.dumps(_settings(kernel, made, name)) for name in made.digests}
    score = {key: made.score[key] for key in ("level", "raw", "mitigation", "score")}
    return sign_authorization(
        kernel,
        by,
        AuthorizationKind.IMPACT_ASSESSMENT,
        serves=made.serves,
        purposes=tuple(str(p) for p in purposes),
        days=days,
        body={**score, "assessment": digest, VERSION_KEY: versions({})[0], **digests, **told},
        before=digest,
    )


def _settings(kernel: Kernel, made: Assessment, name: str) -> list[dict[str, Scalar]]:
    """Each set of settings of a capability that was assessed: what a refusal compares with what is asked."""
    declared = declared_as(kernel, name)
    given = (json.loads(use["params"]) for use in made.uses if use["capability"] == name)
    return [settings_of(declared, declared_params(declared, one)) for one in given]


def still_wanted(kernel: Kernel, made: Assessment) -> Iterator[Reason]:
    """What the level asks for and is not there yet, each with its remedy."""
    asked = BY_LEVEL[made.level]
    roman = LEVELS[made.level]
    reviewers = {record.by for record in made.reviews}
    if len(reviewers) < asked.reviews:
        says = sentence(
            "Level %(roman)s requires %(reviews)s peer reviews. There are %(n)s.",
            roman=roman,
            reviews=asked.reviews,
            n=len(reviewers),
        )
        yield refusal(RULE, says, "Have it reviewed: `peelian assess review`")
    if not made.approvals:
        ranks = enumerated(sorted(asked.approvers))
        yield refusal(RULE, "not approved", sentence("Ask one of these to approve it: %(ranks)s", ranks=ranks))
    if missing := [part for part in asked.texts if part not in made.explanation]:
        says = sentence(
            "Level %(roman)s requires a published explanation. Missing: %(list)s", roman=roman, list=enumerated(missing)
        )
        yield refusal(RULE, says, "Write it in English and French: `peelian assess explain`")
    if asked.trained and (count := len(untrained(kernel, made))):
        says = sentence(
            "Level %(roman)s requires training. %(count)s people who can request or decide have no valid training.",
            roman=roman,
            count=count,
        )
        yield refusal(RULE, says, "Renew the training. A custodian then records it under Tasks.")


def changed(kernel: Kernel, made: Assessment) -> list[str]:
    """The capabilities whose version, declaration or settings differ from what was assessed. O(uses)."""
    found = []
    for use in made.uses:
        name = str(use["capability"])
        try:
            declared = declared_as(kernel, name)
            now = assessed_digest(declared, declared_params(declared, json.loads(use["params"])))
        except OutOfOrder:
            now = ""
        if now not in made.digests[name]:
            found.append(name)
    return sorted(set(found))


def untrained(kernel: Kernel, made: Assessment) -> list[str]:
    """Tokens of the people who may ask for, or decide on, what was assessed and whose training does not hold today."""
    today = kernel.now().date().isoformat()
    roles: set[Role] = set()
    for name in made.digests:
        declared = declared_as(kernel, name)
        roles |= declared.asks.askers | declared.asks.deciders
    return [p.token for p in kernel.state.people.values() if p.roles & roles and p.trained_until < today]


def assessment(kernel: Kernel, digest: str) -> Assessment:
    """The assessment with this digest and what followed; OutOfOrder where there is none. O(what followed)."""
    if "ASSESSED" not in {entry["kind"] for _, entry in kernel.stores.log.found("document", digest)}:
        raise OutOfOrder("No assessment has this digest.")
    return _assessment(kernel, digest, kept(kernel, digest))


def _assessment(kernel: Kernel, digest: str, record: OfficeRecord) -> Assessment:
    after = [entry for _, entry in kernel.stores.log.found("before", digest)]

    def later(kind: str) -> list[OfficeRecord]:
        digests = (str(entry["document"]) for entry in after if entry["kind"] == RECORDS[kind])
        return [record for digest in digests if (record := still_kept(kernel, digest))]

    texts = later("explanation")
    body = record.body
    return Assessment(
        digest=digest,
        by=record.by,
        at=record.at,
        unit=str(body["unit"]),
        serves=str(body["serves"]),
        answers={k: v if isinstance(v, str) else tuple(v) for k, v in body["answers"].items()},
        score=body["score"],
        uses=body["uses"],
        digests=body["digests"],
        reviews=later("peer_review"),
        approvals=later("approval"),
        explanation=texts[-1].body if texts else {},
    )


def assessments(kernel: Kernel) -> tuple[Assessment, ...]:
    """Every submitted assessment, newest first. O(assessments)."""
    digests = [digest for _, digest in reversed(entries_of(kernel, "assessment"))]
    records = ((digest, still_kept(kernel, digest)) for digest in digests)
    return tuple(_assessment(kernel, digest, record) for digest, record in records if record)


def authorization_of(kernel: Kernel, made: Assessment) -> Authorization | None:
    """The authorization in force that this assessment became, if any."""
    now = kernel.now().isoformat()
    authorizations = (p for p in kernel.state.authorizations.values() if p.before == made.digest and p.ends > now)
    return next(authorizations, None)


def replaced_by(kernel: Kernel, made: Assessment, every: Sequence[Assessment]) -> Assessment | None:
    """The newest signed assessment of the same uses with the same settings, among `every`, newest first; None where
    none came after this one. O(assessments)."""
    own = {(str(use["capability"]), str(use["params"])) for use in made.uses}
    for later in every:
        if later.digest == made.digest:
            return None
        same = own <= {(str(use["capability"]), str(use["params"])) for use in later.uses}
        if same and later.serves == made.serves and authorization_of(kernel, later):
            return later
    return None


def declared_as(kernel: Kernel, name: str) -> Capability | Watch:
    """The capability or the watch with this id; OutOfOrder names what there is."""
    watches = {watch.id: watch for technology in kernel.technologies for watch in getattr(technology, "watches", ())}
    return watches[name] if name in watches else kernel.capability(name)


def declared_params(declared: Capability | Watch, values: Mapping[str, Any]) -> Any:
    """The params from plain values; OutOfOrder where they are not its own."""
    try:
        return declared.asks.params(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})
    except TypeError:
        raise OutOfOrder(sentence("The parameters do not belong to %(capability)s.", capability=declared.id)) from None


def _worded(text: str, what: str) -> None:
    if len(text.split()) < FEWEST_WORDS:
        says = sentence("no %(what)s given", what=sentence(what))
        raise InputError(says, accepted=sentence("at least %(least)d words", least=FEWEST_WORDS))
