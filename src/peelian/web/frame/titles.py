"""What a case is called on pages, in lists and reports."""

from __future__ import annotations

from peelian.errors import Sentence
from peelian.measure.vocabularies import plain
from peelian.operations.office import Office
from peelian.oversight.transparency.register import CaseSummary, n_cases, page, title_of_case
from peelian.pictures.words import day
from peelian.web.pages import LANGUAGES
from peelian.wording.errors import translated

MOST_TITLED = 1_000  # published cases whose titles a search looks at, the newest
_known: dict[tuple[str, str], str] = {}  # titles as sentences, by case and its last entry: each is opened once
_searched: dict[tuple[str, int], dict[str, str]] = {}  # what was searched last, by the newest case and their number


def public_titles(office: Office) -> dict[str, str]:
    """The plain public titles of the newest published cases, in both languages. O(cases), once for each new one."""
    newest = page(office.kernel, most=1, published=True).cases
    key = (newest[0].case if newest else "", n_cases(office.kernel, published=True))
    made = _searched.get(key)
    if made is None:
        made = {
            one.case: plain(" ".join(public_title(office, one, language) for language in LANGUAGES))
            for one in page(office.kernel, most=MOST_TITLED, published=True).cases
        }
        _searched.clear()
        _searched[key] = made
    return made


def public_title(office: Office, one: CaseSummary, language: str) -> str:
    """What a published case is called by what is public; opened once while nothing happens to it."""
    told = _known.get((one.case, one.last_at))
    if told is None:
        if len(_known) > 2 * MOST_TITLED:
            _known.clear()
        told = _known[one.case, one.last_at] = title_of_case(office.kernel, one, public=True)
    return _worded(office, one, told, language)


def case_title(office: Office, summary: CaseSummary, language: str, *, public: bool = False) -> str:
    """What a case is called on pages, in lists and reports; `public`: without what staff call their data."""
    return _worded(office, summary, title_of_case(office.kernel, summary, public=public), language)


def _worded(office: Office, summary: CaseSummary, told: str, language: str) -> str:
    own = office.say(language, summary.capability.partition(".")[0])

    def worded_value(value: object) -> object:
        if isinstance(value, Sentence) and value.values:
            return own(value.text, **{name: worded_value(one) for name, one in value.values.items()})
        text = translated(value, own) if isinstance(value, Sentence) else value
        return day(own, text) if isinstance(text, str) else text

    if not isinstance(told, Sentence):
        return told
    return own(told.text, **{name: worded_value(value) for name, value in told.values.items()})
