"""Corrections at the pages: what stands at the top of a corrected case, and the form that makes a correction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile

from peelian.kernel import verbs
from peelian.kernel.model.case_search import CaseSearch
from peelian.kernel.model.people import Operator, Person
from peelian.operations.office import Office
from peelian.oversight.transparency.register import CaseRecord, corrections, page
from peelian.pictures.moments import moment
from peelian.pictures.panels import Panel, Paragraph, Say
from peelian.web.frame.titles import case_title


def corrected_note(record: CaseRecord, say: Say, language: str, *, public: bool) -> str:
    """What stands at the top of a published case that was corrected: when, by whom and why; "" of any other."""
    made = record.corrected
    if made is None:
        return ""
    who = made.unit if public else f"{record.corrector}, {made.unit}"
    return say("Withdrawn on %(day)s by %(who)s: %(why)s", day=moment(made.at, language), who=who, why=made.reason)


def correction_panels(record: CaseRecord, say: Say, language: str, *, public: bool) -> Iterator[Panel]:
    """The same for files, with the case in its place; and of the newer case, in whose place it stands."""
    if text := corrected_note(record, say, language, public=public):
        yield Paragraph(text=text, tone="warning")
    if record.corrected:
        yield Paragraph(text=say("Read instead: case %(case)s", case=record.corrected.newer))
    for case in record.corrects:
        yield Paragraph(text=say("Corrects case %(case)s.", case=case))


def corrected(office: Office, by: Operator, record: CaseRecord, told: Mapping[str, str]) -> object:
    """Have a newer published case stand in the place of one that has an error."""
    case = record.summary.case
    return verbs.correct(office.kernel, by, case, newer=told.get("newer", "").strip(), reason=told.get("reason", ""))


def newer_cases(office: Office, record: CaseRecord, person: Person, language: str) -> list[tuple[str, str]] | None:
    """The cases that a person may have stand in a published one's place: of the same use, published later, themselves
    not corrected; None where there is nothing to correct, or where it is not theirs to do. O(50)."""
    if record.publication is None or record.corrected or not person.roles & verbs.PUBLISHERS:
        return None
    same = CaseSearch(capabilities=[record.capability.id])
    shown, known = page(office.kernel, most=50, published=True, search=same).cases, corrections(office.kernel)
    later = takewhile(lambda one: one.case != record.summary.case, shown)
    return [(one.case, case_title(office, one, language, public=True)) for one in later if one.case not in known]
