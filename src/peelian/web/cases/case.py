"""A case as panels: what was asked, on which papers, what was found, what was decided; as report files on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from peelian.errors import Reason
from peelian.forms import fields_of
from peelian.kernel.gate import is_decided
from peelian.kernel.model.capability import Attempt, Findings, Grant
from peelian.kernel.model.documents import Decision
from peelian.kernel.model.findings import on_editions
from peelian.kernel.model.other_evidence import KINDS as EVIDENCE
from peelian.kernel.model.other_evidence import considered
from peelian.kernel.model.titles import Titled
from peelian.measure.categories import CATEGORIES
from peelian.operations.office import Office
from peelian.oversight.transparency.register import CaseRecord, HistoryLine, case_record, found
from peelian.pictures.moments import moment, stamp
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say, parted
from peelian.pictures.words import day
from peelian.web.cases.corrections import correction_panels
from peelian.web.frame.lists import case_line
from peelian.web.frame.titles import case_title
from peelian.web.maps.ground import with_names
from peelian.web.pages import LANGUAGES, capital, macro
from peelian.web.pdf import in_two
from peelian.web.report import report, standalone
from peelian.wording.errors import as_sentence, shown_reasons
from peelian.wording.labels import AUTHORIZATIONS, CHOICES, KINDS, PURPOSES, STATES, played, rules_broken, worded


def case_facts(record: CaseRecord, say: Say, language: str, *, public: bool) -> list[tuple[str, str]]:
    """What stands under the title: names stay inside the office, units are public."""
    summary = record.summary
    asker = summary.unit if public else f"{record.asker}, {summary.unit}"
    facts = [
        (say("Case"), summary.case),
        (say("Capability"), say(summary.title)),
        (say("Purpose"), capital(worded(PURPOSES, summary.purpose, say))),
        (say("Requested by"), asker),
        (say("Requested on"), moment(record.request.at, language)),
        (say("State"), worded(STATES, summary.state, say)),
    ]
    if record.decision:
        facts.append((say("Decision"), capital(worded(CHOICES, record.decision.choice, say))))
    return facts


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseParts:
    """A case in the order in which it is read: the answer, its limits, the decision, and sections that fold."""

    answer: list[Panel]
    limits: list[Panel]
    decision: list[Panel]
    rest: list[Panel]


def case_parts(
    record: CaseRecord,
    say: Say,
    language: str,
    *,
    own: Say | None = None,
    public: bool = False,
    hidden: Sequence[Reason] = (),
) -> CaseParts:
    """The whole case but its history. `public`: what was published, nobody's name; `hidden`: why no findings are shown.

    `own` says the technology's own sentences, where its words differ from the house's.
    """
    own, hidden = own or say, hidden if record.evidence is not None else ()
    found, said = on_editions(known) if (known := record.public if public else record.findings) else (None, ())
    shown = (
        record.capability.arithmetic().shows.view(found, own)
        if found and not hidden
        else _unfound(record, hidden, say, language)
    )
    answer, limits, figures = parted([_shown(panel, say) for panel in shown] if public else shown)
    asked = [
        *figures,
        Heading(text=say("Authorizations")),
        *_authorizations(record, say, language),
        Heading(text=say("Parameters and data")),
        Paragraph(text=own(record.capability.about)),
        *_asked(record, say, own, public=public),
        *(_run(record, (say, own), language) if record.evidence and not hidden else ()),
    ]
    return CaseParts(
        answer=[*(_attempts(record, found, (say, own)) if found and not hidden else ()), *answer],
        limits=[*(Paragraph(text=say(n.text, **n.values), tone="limit") for n in said if not hidden), *limits],
        decision=list(_decided(record, say, language, public=public)),
        rest=[_fold(panel) for panel in asked],
    )


NO_ROWS = (
    "%(table)s: no row is published. "
    "Rows that stand for fewer than 11, or from which so few would follow, are withheld."
)


def _shown(panel: Panel, say: Say) -> Panel:
    """A published panel; in the place of a table without rows, why it has none."""
    if not isinstance(panel, Grid) or panel.rows or panel.source is None:
        return panel
    return Paragraph(text=say(NO_ROWS, table=panel.caption), tone="limit")


def _attempts(record: CaseRecord, found: Findings, both: tuple[Say, Say]) -> Iterator[Panel]:
    """That the windows were scored before, what each attempt came to, and what this one did. No result of an attempt
    that nobody decided."""
    say, grant, n = both[0], record.capability.grants, len(record.attempts)
    if grant is None or grant.attempt is None or not n:
        return
    second = say("Second attempt: these weeks were scored before.")
    later = say("Attempt %(n)d: these weeks were scored before.", n=n + 1)
    yield Paragraph(text=second if n == 1 else later, tone="warning")
    for one in record.attempts:
        result = _came_to(one.attempt, grant, both) if one.decided else say("not decided yet")
        yield Paragraph(text=say("Earlier, case %(case)s: %(result)s.", case=one.case, result=result), tone="warning")
    now = _came_to(grant.attempt(found, {}), grant, both)
    yield Paragraph(text=say("This attempt: %(result)s.", result=now), tone="warning")


def _came_to(attempt: Attempt, grant: Grant, both: tuple[Say, Say]) -> str:
    say, own = both
    told = ((grant.titles[name], value) for name, value in attempt.results.items() if name in grant.titles)
    return "; ".join(
        say("%(label)s: %(value)s", label=own(title), value=_value(value, {}, say)) for title, value in told
    )


def _fold(panel: Panel) -> Panel:
    return replace(panel, folded=True) if isinstance(panel, Heading) and panel.level == 2 else panel


def history_grid(history: tuple[HistoryLine, ...], say: Say, language: str) -> Grid:
    """The case's log entries, oldest first."""
    rows = tuple(
        (str(line.index), stamp(say, line.at), worded(KINDS, line.kind, say), outcome(line, say, language))
        for line in history
    )
    titles = (say("Entry"), say("Time (UTC)"), say("Event"), say("Outcome"))
    return Grid(caption=say("Log entries for this case"), titles=titles, rows=rows, numeric=frozenset({0}))


def outcome(line: HistoryLine, say: Say, language: str) -> str:
    """A log entry's outcome for people."""
    if line.kind == "ASKED":
        return ""  # which use it is stands in the page's title
    if line.kind in ("REFUSED", "WITHHELD"):
        return rules_broken(line.outcome.split(","), say)
    if line.kind == "DECIDED":
        return capital(worded(CHOICES, line.outcome, say))
    if line.kind == "PERMITTED":
        return capital(say("until %(time)s", time=moment(line.outcome, language)))
    return capital(worded(AUTHORIZATIONS, line.outcome, say)) if line.kind == "ISSUED" else line.outcome


def case_report(office: Office, record: CaseRecord, language: str, *, public: bool = False) -> str:
    """One case as a standalone HTML file: what was published of it where `public`, else what its record holds."""
    say, panels = office.say(language), _whole(office, record, language, public=public)
    facts = case_facts(record, say, language, public=public)
    title = case_title(office, record.summary, language, public=public)
    return report(title, panels, language=language, facts=facts, say=say, mark=_mark(office, record, say))


def case_pdf(office: Office, record: CaseRecord, language: str, *, public: bool = False) -> bytes:
    """One case as a tagged PDF, dated by its last log entry; its long tables are left to `case_annex`.

    As `case_report`; InputError without the extra `pdf`.
    """
    return _on_paper(office, record, language, public=public)[0]


def case_annex(office: Office, record: CaseRecord, language: str, *, public: bool = False) -> bytes | None:
    """The long tables of a case as a tagged PDF; None where it has none. Raises as `case_pdf`."""
    return _on_paper(office, record, language, public=public)[1]


def _on_paper(office: Office, record: CaseRecord, language: str, *, public: bool) -> tuple[bytes, bytes | None]:
    """The report and its annex."""
    say = office.say(language)
    facts = case_facts(record, say, language, public=public)
    made = datetime.fromisoformat(record.summary.last_at)
    panels = _whole(office, record, language, public=public)
    title = case_title(office, record.summary, language, public=public)
    annex = f"{record.summary.case}-{language}-annex.pdf"
    shown = {"language": language, "facts": facts, "made": made, "mark": _mark(office, record, say)}
    return in_two(title, panels, annex=annex, say=say, **shown)


def _mark(office: Office, record: CaseRecord, say: Say) -> str:
    """What stands on every page of a file: that nobody decided yet, and that it is of a demonstration."""
    undecided = record.evidence is not None and not is_decided(office.kernel.state.histories[record.summary.case])
    said = say("Undecided: for whoever decides this case, and for no use.") if undecided else ""
    return " ".join(filter(None, (said, played(office.kernel, say))))


def _whole(office: Office, record: CaseRecord, language: str, *, public: bool) -> list[Panel]:
    """The case with its history, for files."""
    from peelian.web.maps.areas import left_out_of  # heavy: only where a case is drawn

    say, own = office.say(language), office.say(language, record.capability.technology)
    parts = case_parts(record, say, language, own=own, public=public)
    answer, rest = (with_names(office, record.request.datasets, part, say) for part in (parts.answer, parts.rest))
    decision = with_names(office, record.request.datasets, parts.decision, say, credit=False)
    return [
        *correction_panels(record, say, language, public=public),
        *answer,
        *parts.limits,
        *left_out_of(office.kernel, record, say),
        Heading(text=say("Decision")),
        *decision,
        *rest,
        Heading(text=say("History"), folded=True),
        history_grid(record.history, say, language),
    ]


def write_pages(office: Office, folder: Path) -> list[Path]:
    """Every published case as a report in both languages, and a list of them; returns the files, the two lists first.

    What nobody published leaves as no file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lists, reports = [], []
    for language in LANGUAGES:
        say = office.say(language)
        lines = [case_line(office, one, language, public=True) for one in found(office.kernel, None, published=True)]
        for line in lines:
            reports.append(folder / f"{line['case']}-{language}.html")
            record = case_record(office.kernel, line["case"])
            reports[-1].write_text(case_report(office, record, language, public=True), encoding="utf-8")
        body = macro("parts.html", "case_list", say)(lines, "", f"-{language}.html")
        facts = [(say("Cases"), str(len(lines)))]
        lists.append(folder / f"cases-{language}.html")
        page = standalone(office.kernel.office.name, body, language=language, say=say, facts=facts)
        lists[-1].write_text(page, encoding="utf-8")
    return lists + reports


def asked_of(record: CaseRecord, own: Say, *, public: bool) -> tuple[tuple[str, str], ...]:
    """A request's parameters and datasets as people read them."""
    params = params_said(record.capability.asks.params, record.request.params, own, public=public)
    return (*params, *_data_of(record, own))


def _data_of(record: CaseRecord, own: Say) -> tuple[tuple[str, str], ...]:
    named = sorted(record.request.datasets.items())
    return tuple((capital(own(record.capability.title_of(role))), name) for role, name in named)


def _asked(record: CaseRecord, say: Say, own: Say, *, public: bool) -> Iterator[Panel]:
    """Parameters and data."""
    rows = params_said(record.capability.asks.params, record.request.params, own, public=public)
    if rows:
        titles = (say("Parameter"), say("Value"))
        yield Grid(caption=say("Parameters"), titles=titles, rows=rows)
    if data := _data_of(record, own):
        yield Grid(caption=say("Data"), titles=(say("Used as"), say("Dataset")), rows=data)
    for dataset, who, n in record.homes:
        text = say("At least %(n)d homes in each row of %(dataset)s, as declared at import.", n=n, dataset=dataset)
        if not public:
            who_says = "At least %(n)d homes in each row of %(dataset)s, as declared by %(name)s."
            text = say(who_says, n=n, dataset=dataset, name=who)
        yield Paragraph(text=text)


def params_said(
    declared: type[Any], params: Mapping[str, object], own: Say, *, public: bool = False
) -> tuple[tuple[str, str], ...]:
    """Parameters of a capability or a watch as people read them: what each is for, in which unit, and its value.

    `public` leaves out a private one, such as a recipient's key: it may be known whose it is. A case's own title stands
    above.
    """
    fields, rows = {field.name: field for field in fields_of(declared)}, []
    for name, value in params.items():
        field = fields.get(name)
        if (public and field and field.private) or (name == "title" and issubclass(declared, Titled)):
            continue
        says = own(field.help) if field and field.help else name.replace("_", " ")
        says += f" ({own(field.unit)})" if field and field.unit else ""
        rows.append((says, str(value) if name == "year" else _value(value, field.names if field else {}, own)))
    return tuple(rows)


def _value(value: object, names: Mapping[str, str], say: Say) -> str:
    if isinstance(value, str) and value in names:
        return say(names[value])
    if isinstance(value, str) and value in CATEGORIES:
        return say(CATEGORIES[value].title)
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, (list, tuple)):
        return ", ".join(_value(part, names, say) for part in value) or "–"
    if isinstance(value, (int, float)):
        return say("%(number)d", number=value) if isinstance(value, int) else say("%(number)g", number=value)
    return day(say, value) if value not in (None, "") else "–"


def _authorizations(record: CaseRecord, say: Say, language: str) -> Iterator[Panel]:
    if record.summary.state == "refused" or not record.permit:
        rules = rules_broken(record.summary.rules, say)
        yield Paragraph(text=say("Refused: %(rules)s.", rules=rules), tone="warning")
        return
    until = moment(record.permit.until, language)
    yield Paragraph(text=say("All checks passed. The permit was given until %(until)s.", until=until), tone="good")
    if not record.authorizations:
        yield Paragraph(text=say("No authorization is needed for this purpose."))
        return
    rows = tuple(
        (
            capital(worded(AUTHORIZATIONS, p.kind, say)),
            _serves(record, p.serves, say),
            *(moment(end[:10], language) for end in (p.starts, p.ends)),
        )
        for p in record.authorizations
    )
    titles = (say("Authorization"), say("For"), say("From"), say("Until"))
    yield Grid(caption=say("Authorizations relied on"), titles=titles, rows=rows)


def _serves(record: CaseRecord, serves: str, say: Say) -> str:
    """What a paper is for: the capability or, where it ends in a star, all of its technology, by their titles."""
    if serves == record.capability.id:
        return say(record.capability.title)
    return say("All uses of this technology") if serves == f"{record.capability.technology}.*" else serves


def _run(record: CaseRecord, both: tuple[Say, Say], language: str) -> Iterator[Panel]:
    (say, own), evidence = both, record.evidence
    if evidence is None:
        return
    rows = [
        (say("Run on"), moment(evidence.at, language)),
        (say("Software version"), evidence.version),
        (say("Seed"), str(evidence.seed)),
        *(
            (say("Digest of %(role)s", role=own(record.capability.title_of(role))), value)
            for role, value in sorted(evidence.data.items())
        ),
    ]
    yield Heading(text=say("Reproduce this run"))
    yield Grid(caption=say("Run"), titles=(say("Item"), say("Value")), rows=tuple(rows))


def _unfound(record: CaseRecord, hidden: Sequence[Reason], say: Say, language: str) -> list[Panel]:
    """What stands in place of findings: why there are none, or why they are not shown."""
    if hidden or record.reasons:
        titles = (say("Reason"), say("What is wrong"), say("Remedy"))
        called = {name: say(read.title) for read in record.capability.reads for name in (read.role, read.shape)}
        called[record.capability.id] = say("“%(title)s”", title=say(record.capability.title))
        rows = tuple(
            (one["rule"], as_sentence(one["says"]), as_sentence(one["remedy"]))
            for one in shown_reasons(hidden or record.reasons, say, called)
        )
        on = moment(record.history[-1].at[:10], language)
        told = say("Refused on %(day)s: reasons and remedies of that day", day=on)
        caption = say("Findings are not shown to you") if hidden else told
        return [Grid(caption=caption, titles=titles, rows=rows)]
    rules = rules_broken(record.summary.rules, say)
    says = {
        "refused": say("Refused: %(rules)s.", rules=rules),
        "failed": say("The run failed. No results were released. Make a new request; if it fails again, report it."),
        "withheld": say("Results withheld: %(rules)s.", rules=rules),
    }
    if record.summary.state == "running":
        return [Paragraph(text=say("Running: no findings yet."))]
    text = says.get(record.summary.state, say("Not run."))
    return [Paragraph(text=text, tone="warning" if record.summary.state in says else "plain")]


def _decided(record: CaseRecord, say: Say, language: str, *, public: bool) -> Iterator[Panel]:
    decision = record.decision
    if decision is None:
        if record.evidence is None:
            yield Paragraph(text=say("No decision, as there are no findings."))
        else:
            yield Paragraph(text=say("No decision yet. Do not act on these findings."))
        return
    who = decision.unit if public else f"{record.decider}, {decision.unit}"
    chosen, by = capital(worded(CHOICES, decision.choice, say)), f"{who}, {moment(decision.at, language)}"
    rows = [(say("Decision"), say("%(name)s: %(value)s", name=chosen, value=by))]
    told = decision.public_reason or say("None was given")
    if public or told != decision.reasons:
        rows.append((say("Reason") if public else say("Reason for the public"), told))
    if not public:
        of_all = say("Reasons, also for the public") if told == decision.reasons else say("Reasons")
        rows.append((of_all, decision.reasons))
        rows += [(say("Exposure"), decision.exposure)] if decision.exposure else []
    rows.append((say("Other evidence considered"), _considered(decision, say, public=public)))
    if record.publication and record.publication.statement:
        rows.append((say("Public statement"), record.publication.statement))
    yield Grid(caption=say("Decision record"), titles=(say("Item"), say("Value")), rows=tuple(rows))
    yield from _changed_areas(record, say) if public else _changed_cells(decision, say)


def _considered(decision: Decision, say: Say, *, public: bool) -> str:
    """The other evidence by kind, with its references for staff; of old decisions, which gave no kind, the text."""
    pieces = considered(decision.other_evidence)
    if not pieces:
        return say("No other evidence was considered.")
    if public:
        of_old = say("Stated to the office, without kind")
        return say("; ").join(dict.fromkeys(say(EVIDENCE[kind]) if kind else of_old for kind, _ in pieces))
    titles = {kind: say(title) for kind, title in EVIDENCE.items()}
    return say("; ").join(
        say("%(name)s: %(value)s", name=titles[kind], value=text) if kind else text for kind, text in pieces
    )


def _changed_cells(decision: Decision, say: Say) -> Iterator[Panel]:
    """The cells that were dropped or swapped, and why: for staff."""
    if decision.changes:
        rows = tuple(
            (
                one["place"],
                say("Swapped for %(cell)s", cell=one["instead"]) if one["instead"] else say("Dropped"),
                one["reason"],
            )
            for one in decision.changes
        )
        titles = (say("Cell"), say("Change"), say("Reason"))
        yield Grid(caption=say("Changed cells"), titles=titles, rows=rows, folded=True)


def _changed_areas(record: CaseRecord, say: Say) -> Iterator[Panel]:
    """The same counted by area: for everybody."""
    if record.publication and record.publication.changes:
        rows = tuple(
            (
                str(one["area"]) or say("Other areas"),
                *(say("%(n)d", n=one[what]) for what in ("dropped", "added")),
            )
            for one in record.publication.changes
        )
        titles = (say("Area"), say("Cells dropped"), say("Cells added"))
        yield Grid(caption=say("Changed cells by area"), titles=titles, rows=rows, numeric=frozenset({1, 2}))
