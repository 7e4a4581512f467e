"""Small documents a person writes and the office keeps: rights assessments, vendors' clauses, whatever is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from peelian.errors import InputError, sentence
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.records.office_records import MAKERS, keep, records_of
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel

SECTIONS: Mapping[str, str] = {
    "process": "In which process it is used, and for what",
    "period": "For how long and how often",
    "groups": "Whom it may affect",
    "harms": "Which harms they may suffer",
    "oversight": "How people oversee it",
    "measures": "What is done when harm occurs, and how to complain",
}
"""The six sections of a rights assessment (AI Act, art. 27.1)."""

CLAUSES: Mapping[str, str] = {
    "privacy": "keeps the town's privacy commitments",
    "scrutiny": "lets the town and outsiders examine the system",
    "data": "owns none of the town's data and hands all of it back in an open format",
    "breach": "reports a breach at once",
    "subcontractors": "binds its own suppliers to the same",
    "leaving": "lets the town leave without penalty and deletes what it holds",
}
"""What a vendor or partner must be bound to."""

WRITERS = MAKERS["produced"]
FEWEST_WORDS = 3
KEPT_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A document that was kept: where in the log, when, by whom, and its body."""

    index: int
    at: str
    by: str
    body: Mapping[str, object]

    def fresh(self, now: datetime) -> bool:
        """Whether it is younger than a year."""
        return datetime.fromisoformat(self.at) + timedelta(days=KEPT_DAYS) > now


@act
def assess_rights(kernel: Kernel, by: Operator, serves: str, sections: Mapping[str, str]) -> str:
    """Keep a rights assessment of one capability or technology; InputError names a section that is missing."""
    must_hold_role(kernel, by, MAKERS["rights"], "the_writer_may_write")
    known = {c.id for t in kernel.technologies for c in t.capabilities} | {f"{t.id}.*" for t in kernel.technologies}
    if serves not in known:
        raise InputError("subject of the rights assessment missing", accepted=", ".join(sorted(known)))
    _complete(sections, SECTIONS, "section")
    return keep(kernel, by, "rights", {"serves": serves, "sections": dict(sections)}, serves=serves)


@act
def bind_vendor(kernel: Kernel, by: Operator, vendor: str, clauses: Mapping[str, str]) -> str:
    """Keep where in the contract each clause stands; InputError names a clause nobody found."""
    must_hold_role(kernel, by, MAKERS["vendor"], "the_writer_may_write")
    if not vendor.strip():
        raise InputError("vendor without a name", accepted="a name")
    if missing := [clause for clause in CLAUSES if not clauses.get(clause, "").strip()]:
        raise InputError("contract without a required clause", column=missing[0], accepted=", ".join(CLAUSES))
    return keep(kernel, by, "vendor", {"vendor": vendor.strip(), "clauses": dict(clauses)})


@act
def produce(kernel: Kernel, by: Operator, requirement: str, title: str, text: str) -> str:
    """Keep the document that a requirement asks a person for, or a summary that says where it lies."""
    must_hold_role(kernel, by, WRITERS, "the_writer_may_write")
    if len(title.split()) < 1 or len(text.split()) < FEWEST_WORDS:
        accepted = sentence("at least %(least)d words of text", least=FEWEST_WORDS)
        raise InputError("document without title or text", accepted=accepted)
    body = {"requirement": requirement, "title": title.strip(), "text": text.strip()}
    return keep(kernel, by, "produced", body, requirement=requirement)


def kept_of(kernel: Kernel, record: str) -> tuple[Kept, ...]:
    """Every document of one kind (rights, vendor, produced), oldest first. O(such documents)."""
    return tuple(
        Kept(index=index, at=found.at, by=found.by, body=found.body) for index, found in records_of(kernel, record)
    )


def _complete(texts: Mapping[str, str], wanted: Mapping[str, str], what: str) -> None:
    if stray := sorted(set(texts) - set(wanted)):
        says = sentence("unknown %(what)s", what=sentence(what))
        raise InputError(says, column=stray[0][:40], accepted=", ".join(wanted))
    if missing := [name for name in wanted if len(texts.get(name, "").split()) < FEWEST_WORDS]:
        says = sentence("%(what)s missing", what=sentence(what))
        raise InputError(says, column=missing[0], accepted=", ".join(wanted))
