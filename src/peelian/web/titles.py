"""What a case is called on pages, in lists and reports."""

from __future__ import annotations

from peelian.errors import Sentence
from peelian.operations.office import Office
from peelian.oversight.register import CaseSummary, title_of_case
from peelian.web.error_words import said
from peelian.web.pages import MOMENT, moment


def case_title(office: Office, summary: CaseSummary, language: str, *, public: bool = False) -> str:
    """What a case is called on pages, in lists and reports; `public`: without what staff call their data."""
    told = title_of_case(office.kernel, summary, public=public)
    own = office.say(language, summary.capability.partition(".")[0])

    def worded_value(value: object) -> object:
        told = said(value, own) if isinstance(value, Sentence) else value
        return moment(told, language) if isinstance(told, str) and MOMENT.fullmatch(told) else told

    if not isinstance(told, Sentence):
        return told
    return own(told.text, **{name: worded_value(value) for name, value in told.values.items()})
