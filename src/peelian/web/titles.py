"""What a case is called on pages, in lists and reports."""

from __future__ import annotations

from peelian.errors import Sentence
from peelian.operations.office import Office
from peelian.oversight.register import CaseSummary, page, title_of_case
from peelian.web.error_words import said
from peelian.web.pages import LANGUAGES, MOMENT, moment

MOST_TITLED = 2_000  # published cases whose titles a search looks at, the newest
_known: dict[tuple[str, str, str], str] = {}  # titles by case, its last entry and language: each is opened once


def public_titles(office: Office) -> dict[str, str]:
    """The public titles of the newest published cases in both languages, by case. O(cases not seen before)."""
    return {
        one.case: " ".join(_public_title(office, one, language) for language in LANGUAGES)
        for one in page(office.kernel, most=MOST_TITLED, published=True).cases
    }


def _public_title(office: Office, one: CaseSummary, language: str) -> str:
    key = (one.case, one.last_at, language)
    if key not in _known:
        if len(_known) > 4 * MOST_TITLED:
            _known.clear()
        _known[key] = case_title(office, one, language, public=True)
    return _known[key]


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
