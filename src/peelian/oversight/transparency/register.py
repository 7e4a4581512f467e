"""The register: what this town uses, what each case did, what was published, what was refused. Read-only views.

Reading a case's documents decrypts the archive, never a dataset. O(entries of the case) per case.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from peelian.errors import OutOfOrder, Reason
from peelian.kernel.model.capability import Capability, Findings, Note
from peelian.kernel.model.case_search import CaseSearch, SearchWord
from peelian.kernel.model.documents import (
    Authorization,
    Correction,
    Decision,
    Evidence,
    Permit,
    Publication,
    Request,
    digest_of,
)
from peelian.kernel.model.findings import outline, unpack
from peelian.kernel.model.people import Person
from peelian.kernel.model.titles import title_of
from peelian.kernel.state.kernel import CaseHistory, Kernel
from peelian.kernel.state.known import Known, unless_damaged
from peelian.kernel.state.refusal_log import kept_reasons
from peelian.kernel.state.signed_documents import archived, still_archived
from peelian.kernel.verbs.earlier_attempts import Earlier, earlier_attempts
from peelian.measure.vocabularies import plain

_ALL = 1_000_000_000
_CASE = re.compile("c-[0-9a-z]*")
MOST_REFUSED = 1_000  # of one watch that are counted
MOST_WORDS = 8  # of a search
STATES: Mapping[str, str] = {
    "ASKED": "asked",
    "REFUSED": "refused",
    "PERMITTED": "permitted",
    "OPENED": "running",
    "STARTED": "running",
    "RAN": "ran",
    "FAILED": "failed",
    "WITHHELD": "withheld",
    "DECIDED": "decided",
    "ISSUED": "decided",
    "PUBLISHED": "published",
    "KEEPING": "running",
    "TURNED_AWAY": "running",
    "DERIVED": "running",
    "ERASED": "erased",
    "DELIVERED": "delivered",
    "UNDELIVERED": "decided",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One log entry of a case: its index, time, kind, and a short outcome."""

    index: int
    at: str
    kind: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """One line of the list of cases; nothing is decrypted for it."""

    case: str
    capability: str
    title: str
    purpose: str
    unit: str
    state: str
    first: int  # the index of the entry that it began with
    asked_at: str
    last_at: str
    choice: str  # of the decision, "" before there is one
    rules: tuple[str, ...]  # why it was refused or withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """Everything about one case: its documents, the authorizations it leaned on, its findings and its history."""

    summary: CaseSummary
    capability: Capability
    request: Request
    asker: str
    permit: Permit | None
    authorizations: tuple[Authorization, ...]
    evidence: Evidence | None
    findings: Findings | None  # None, too, where its reader may not see them
    decision: Decision | None
    decider: str
    publication: Publication | None
    public: Findings | None
    history: tuple[HistoryLine, ...]
    reasons: tuple[Reason, ...] = ()  # in words, of a case that was refused
    corrected: Correction | None = None  # by a newer case
    corrector: str = ""
    corrects: tuple[str, ...] = ()  # older cases in whose place it stands
    attempts: tuple[Earlier, ...] = ()  # runs before it that scored the same windows
    homes: tuple[tuple[str, str, int], ...] = ()  # energy: dataset, who declared its homes, and how many


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some cases of a list, newest first; `older` and `newer` are from where the next page goes on, None at the end."""

    cases: tuple[CaseSummary, ...]
    older: int | None
    newer: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many cases of one kind there are: of a year, capability and unit, that stand so."""

    year: str
    capability: str
    unit: str
    state: str
    choice: str
    n: int

    @property
    def technology(self) -> str:
        """The capability's technology."""
        return self.capability.partition(".")[0]


def page(
    kernel: Kernel,
    *,
    most: int = 50,
    before: int | None = None,
    after: int | None = None,
    published: bool = False,
    search: CaseSearch | None = None,
) -> Page:
    """A page of the cases that were asked last, or published last: from below `before`, or just above `after`; nothing
    of them is read. O(most), and what the search costs."""
    order = "published" if published else "first"
    found = kernel.stores.rows.page("cases", order=order, before=before, after=after, most=most + 1, search=search)
    more, shown = len(found) > most, found[:most] if after is None else found[:most][::-1]
    people = kernel.state.people
    newest, oldest = (int(shown[0][1][order]), int(shown[-1][1][order])) if shown else (before or 0, (after or 0) + 1)
    return Page(
        cases=tuple(_summary(kernel, people, case, row) for case, row in shown),
        older=oldest if (more if after is None else after >= 0) else None,
        newer=newest if (before is not None if after is None else more) else None,
    )


def tallies(kernel: Kernel) -> list[Tally]:
    """How many cases there are of each kind; for people to look at, nothing is decided by it. O(kinds)."""
    found = []
    for key, row in kernel.stores.rows.all("tallies"):
        year, capability, unit, state, choice, public = key.split(" ")
        known = "published" if public == "published" else STATES.get(state, state.lower())
        chosen = "" if choice == "-" else choice
        tally = Tally(year=year, capability=capability, unit=unit, state=known, choice=chosen, n=int(row["n"]))
        found += [tally] if tally.n else []
    return found


def search_words(
    text: str, titles: Mapping[str, str], units: Iterable[str], cases: Callable[[], Mapping[str, str]] = dict
) -> tuple[SearchWord, ...]:
    """What the words of a search stand for: part of a title (by capability), of a unit, the beginning of a case's
    number or, for none of these, part of a case's own public title.

    `cases` gives those, plain and by case; they are asked for only then. Names of persons are not looked at.
    O(words × (capabilities + units + cases)).
    """
    return tuple(_meant(word, titles, units, cases) for word in text.split()[:MOST_WORDS] if plain(word))


def _meant(
    word: str, titles: Mapping[str, str], units: Iterable[str], cases: Callable[[], Mapping[str, str]]
) -> SearchWord:
    capabilities = _with(word, {name: plain(title) for name, title in titles.items()})
    named = _with(word, {unit: plain(unit) for unit in units})
    case = word.lower() if _CASE.fullmatch(word.lower()) else ""
    found = frozenset() if capabilities or named or case else _with(word, cases())
    return SearchWord(capabilities=capabilities, units=named, cases=found, case=case)


def _with(word: str, titles: Mapping[str, str]) -> frozenset[str]:
    """Those in whose title, a plain one, a word begins so."""
    begins = f" {plain(word)}"
    return frozenset(name for name, title in titles.items() if begins in f" {title}")


def log_states(state: str) -> tuple[str, ...]:
    """The words of the log behind a state that people read; one that there is not stands for nothing."""
    return tuple(word for word, told in STATES.items() if told == state) or (state.upper(),)


def published(kernel: Kernel) -> tuple[CaseSummary, ...]:
    """The cases in the public register, newest first: adopted or rejected. O(those)."""
    return found(kernel, None, published=True)


def found(kernel: Kernel, search: CaseSearch | None, *, published: bool) -> tuple[CaseSummary, ...]:
    """Every case that a search finds, newest first. O(those)."""
    return page(kernel, most=_ALL, published=published, search=search).cases


def n_cases(kernel: Kernel, *, published: bool = False) -> int:
    """How many cases there are, or in the public register. O(capabilities)."""
    column = "published" if published else "asked"
    return sum(int(row[column]) for _, row in kernel.stores.rows.all("uses"))


def refusals(kernel: Kernel) -> Mapping[tuple[str, str], int]:
    """How often each capability and each watch was refused by each rule: (capability, rule) → n. O(those + watches
    asked for + refusals of them)."""
    found = ((key.partition(" "), int(row["n"])) for key, row in kernel.stores.rows.all("refusals"))
    known = Counter({(capability, rule): n for (capability, _, rule), n in found})
    log = kernel.stores.log
    for _, asked in log.read(kinds=["WATCH_ASKED"]):
        for _, entry in log.page(MOST_REFUSED, before=log.size(), kind="REFUSED", case=str(asked["case"])):
            known.update((str(asked["watch"]), rule) for rule in str(entry["rules"]).split(","))
    return known


def case_record(kernel: Kernel, case: str, *, findings: Findings | None = None) -> CaseRecord:
    """One case; OutOfOrder where there is none of that name. `findings`: what it found and nobody published, as the
    gate let it leave (`kernel/gate.leave`) for whoever reads the record."""
    if case not in kernel.state.histories:
        raise OutOfOrder("no case with this name")
    history = kernel.state.histories[case]
    request = archived(kernel, history.digests("ASKED")[0], Request)
    permit = _last(kernel, history, "PERMITTED", Permit)
    evidence = _last(kernel, history, "RAN", Evidence)
    decision = _last(kernel, history, "DECIDED", Decision)
    publication = _last(kernel, history, "PUBLISHED", Publication)
    corrected = _last(kernel, history, "CORRECTED", Correction)
    authorizations = (
        (still_archived(kernel, digest, Authorization) for digest in permit.authorizations) if permit else ()
    )
    return CaseRecord(
        attempts=earlier_attempts(kernel, case) if evidence else (),
        summary=case_summary(kernel, case),
        capability=kernel.past_capability(history.capability),
        request=request,
        asker=_name(kernel, request.by),
        permit=permit,
        authorizations=tuple(authorization for authorization in authorizations if authorization),
        evidence=evidence,
        findings=findings,
        decision=decision,
        decider=_name(kernel, decision.by) if decision else "",
        publication=publication,
        public=unpack(kernel.stores.archive.get(publication.findings)) if publication else None,
        history=tuple(
            HistoryLine(index=index, at=str(entry["t"]), kind=str(entry["kind"]), outcome=_outcome(entry))
            for index, entry in history.entries
        ),
        reasons=kept_reasons(kernel, *history.entries[-1]) if history.state == "REFUSED" else (),
        corrected=corrected,
        corrector=_name(kernel, corrected.by) if corrected else "",
        corrects=_in_whose_place(kernel, history),
        homes=tuple(_declared_homes(kernel, request)),
    )


def corrections(kernel: Kernel) -> dict[str, tuple[str, str]]:
    """Every published case that was corrected: the case in its place, and since when. O(corrections)."""
    found = kernel.stores.log.read(kinds=("CORRECTED",))
    return {str(entry["case"]): (str(entry["newer"]), str(entry["t"])) for _, entry in found}


def _in_whose_place(kernel: Kernel, history: CaseHistory) -> tuple[str, ...]:
    """The older cases that a published one corrects. O(entries that follow its publication)."""
    found = kernel.stores.log.found_of("before", history.digests("PUBLISHED"))
    return tuple(str(entry["case"]) for _, entry in found if entry["kind"] == "CORRECTED")


def case_summary(kernel: Kernel, case: str) -> CaseSummary:
    """A case as lists show it. O(1)."""
    return _summary(kernel, kernel.state.people, case, kernel.stores.rows.row("cases", case) or {})


def title_of_case(kernel: Kernel, summary: CaseSummary, *, public: bool = False) -> str:
    """What a case is called, as a sentence with values; `public`: by what is public. Opens its request. O(1)."""
    request = unless_damaged(kernel.state.notice, lambda: request_of(kernel, summary), None)
    names = () if public or not request else tuple(request.datasets.values())
    named = [one for one in map(kernel.state.datasets.readable, names) if one]
    data = [str(one.declaration["title"]) for one in named if not one.description]  # of recordings none is named
    capability = kernel.past_capability(summary.capability)
    return title_of(capability, request.params if request else {}, summary.asked_at, list(dict.fromkeys(data)))


def request_of(kernel: Kernel, summary: CaseSummary) -> Request | None:
    """What a case asks for; None where it was destroyed as its retention asks. O(1)."""
    asked = kernel.stores.log.entry(summary.first)
    return still_archived(kernel, str(asked["document"]), Request)


def _declared_homes(kernel: Kernel, request: Request) -> Iterator[tuple[str, str, int]]:
    state = kernel.state
    for name in sorted(set(request.datasets.values())):
        one = state.datasets.get(name) or state.queued.get(name) or state.destroyed.get(name)
        if one is not None and "declared_homes" in one.facts:
            yield name, _name(kernel, one.by), int(one.facts["declared_homes"])


def published_findings(kernel: Kernel, case: str) -> Findings | None:
    """What may leave of a case's findings; None where it is not published, or was destroyed as its retention asks."""
    packed = _published(kernel, case)
    return unpack(packed) if packed is not None else None


def published_outline(kernel: Kernel, case: str) -> tuple[tuple[Note, ...], frozenset[str]]:
    """The notes of it and the columns of its tables, of which no row is read; none where there is nothing."""
    packed = _published(kernel, case)
    return outline(packed) if packed is not None else ((), frozenset())


def _published(kernel: Kernel, case: str) -> bytes | None:
    history = kernel.state.histories.get(case)
    digests = history.digests("PUBLISHED") if history else []
    publication = still_archived(kernel, digests[-1], Publication) if digests else None
    return kernel.stores.archive.get(publication.findings) if publication else None


def earned(kernel: Kernel, decision: Decision) -> tuple[Authorization, ...]:
    """The authorizations in force that this decision became."""
    digest = digest_of(decision)
    return tuple(
        authorization for authorization in kernel.state.authorizations.values() if authorization.before == digest
    )


def _last(kernel: Kernel, history: CaseHistory, kind: str, document: type[Any]) -> Any:
    digests = history.digests(kind)
    return archived(kernel, digests[-1], document) if digests else None


def _name(kernel: Kernel, token: str) -> str:
    person = kernel.state.people.readable(token)
    return person.name if person else token


def _summary(kernel: Kernel, people: Known[Person], case: str, row: Mapping[str, Any]) -> CaseSummary:
    by, state = people.readable(str(row["by"])), str(row["state"])
    return CaseSummary(
        case=case,
        capability=str(row["capability"]),
        title=kernel.past_capability(str(row["capability"])).title,
        purpose=str(row["purpose"]),
        unit=by.unit if by else str(row["unit"]),
        state="published" if row["published"] >= 0 else STATES.get(state, state.lower()),
        first=int(row["first"]),
        asked_at=str(row["began"]),
        last_at=str(row["changed"]),
        choice=str(row["choice"]),
        rules=tuple(str(row["rules"]).split(",")) if row["rules"] else (),
    )


def _outcome(entry: Mapping[str, str | int]) -> str:
    for key in ("rules", "choice", "dataset", "until", "error", "authorization", "capability", "newer"):
        if key in entry:
            return str(entry[key])
    return ""
