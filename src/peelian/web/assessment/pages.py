"""The assessment pages: every signed assessment with its explanation, and the questions as a form without a script.

The form keeps nothing: it works out a level from what was sent, and hands the answers back as a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.errors import OutOfOrder
from peelian.operations.office import Office
from peelian.oversight.assessment.answers import Fault, answers_as_json, faults
from peelian.oversight.assessment.obligations import BY_LEVEL, MORE, PARTS
from peelian.oversight.assessment.questions import PHASE, PHASES, Answers, Question, given, shipped
from peelian.oversight.assessment.scoring import LEVELS, Score, scored
from peelian.oversight.assessment.signing import (
    Assessment,
    assessment,
    assessments,
    authorization_of,
    changed,
    replaced_by,
    still_wanted,
)
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Say
from peelian.web.cases.case import params_said
from peelian.web.frame.lists import PAGE, Line, ShortAsked, ShortQuery, due_facet, due_of, some
from peelian.web.frame.rooms import may
from peelian.web.pages import LANGUAGES, capital
from peelian.wording.errors import translated
from peelian.wording.labels import ROLES, worded

MOST_BYTES = 64 * 1024
STATES: Mapping[str, str] = {
    "changed": "out of date",
    "unsigned": "not signed",
    "ready": "ready to sign",
    "signed": "signed and valid",
}


def add_assessment_pages(
    app: FastAPI,
    office: Office,
    show: Callable[..., Response],
    steps: Callable[[Request, Assessment, Say], Mapping[str, Any]] = lambda request, made, say: {},
) -> None:
    """The list, the form, and one page for each assessment; the public sees those that are signed and in force.

    `steps`: the forms that whoever is logged on can send there.
    """

    @app.get("/{language}/assessment", include_in_schema=False)
    def listed(request: Request, language: str, asked: ShortAsked) -> Response:
        say, public = office.say(_known(language)), not may(office, request, "cases")
        return show(request, "assessments.html", **assessment_list(office, say, language, asked, public=public))

    @app.get("/{language}/assessment/form", include_in_schema=False)
    def form(request: Request, language: str, phase: str = "item2") -> Response:
        say = office.say(_known(language))
        first: Answers = {PHASE: phase if phase in PHASES else "item2"}
        return show(request, "assess.html", section="/assessment", **assessment_form(first, say, language, sent=False))

    @app.post("/{language}/assessment/form", include_in_schema=False)
    async def answered(request: Request, language: str) -> Response:
        say = office.say(_known(language))
        answers = await _sent(request)
        return show(request, "assess.html", section="/assessment", **assessment_form(answers, say, language, sent=True))

    @app.post("/data/assessment/answers.json", include_in_schema=False)
    async def kept(request: Request) -> Response:
        """The answers that were sent, as a file `peelian assess` reads."""
        headers = {"content-disposition": 'attachment; filename="answers.json"'}
        content = answers_as_json(await _sent(request), title="", serves="", uses=[])
        return Response(content, media_type="application/json", headers=headers)

    @app.get("/{language}/assessment/{digest}", include_in_schema=False)
    def one(request: Request, language: str, digest: str) -> Response:
        say = office.say(_known(language))
        try:
            made = assessment(office.kernel, digest)
        except OutOfOrder:
            raise HTTPException(404) from None
        if authorization_of(office.kernel, made) is None and not may(office, request, "cases"):
            raise HTTPException(404)
        values = assessment_page(office, made, say, language)
        return show(request, "assessment.html", section="/assessment", **values, steps=steps(request, made, say))


async def _sent(request: Request) -> Answers:
    """The answers of a form, as far as its questions are known; nothing else of it is looked at."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise HTTPException(400)
    try:
        fields = parse_qs(body.decode("utf-8"), max_num_fields=600)
    except (ValueError, UnicodeDecodeError):
        raise HTTPException(400) from None
    many = {question.id: question.many for question in shipped().questions}
    told = {name: tuple(v) if many[name] else v[-1] for name, v in fields.items() if name in many}
    none: dict[str, tuple[str, ...]] = {name: () for name in many if many[name]}  # a browser sends no empty boxes
    return {**none, **told}


def assessment_list(office: Office, say: Say, language: str, asked: ShortQuery, *, public: bool) -> dict[str, Any]:
    """What `assessments.html` shows."""
    made = [m for m in assessments(office.kernel) if not public or authorization_of(office.kernel, m)]
    names = {t.id: say(t.title) for t in office.kernel.technologies}
    lines = [_line(office, m, (names, made), say, language) for m in made]
    facets = [
        ("technology", say("Technology"), names),
        ("state", say("State"), {state: capital(say(text)) for state, text in STATES.items()}),
        ("level", say("Impact level"), {str(level): LEVELS[level] for level in BY_LEVEL}),
        due_facet(say("Valid until"), say),
    ]
    found = some(lines, asked, facets, most=PAGE)
    return {"title": say("Impact assessments"), "found": found, "any": bool(made), "levels": _levels(say)}


def _line(
    office: Office, made: Assessment, among: tuple[Mapping[str, str], Sequence[Assessment]], say: Say, language: str
) -> Line[dict[str, str]]:
    names, every = among
    authorization, served = authorization_of(office.kernel, made), _served(office, made, say)
    until, technology = authorization.ends if authorization else "", made.serves.partition(".")[0]
    state = _standing(office, made)
    told = {
        "href": f"/{language}/assessment/{made.digest}",
        "serves": served,
        "level": say("Impact level %(level)s", level=LEVELS[made.level]),
        "state": _state(office, made, say),
        "replaced": say("Replaced by a newer assessment") if replaced_by(office.kernel, made, every) else "",
        "at": moment(made.at, language),
    }
    due = due_of(until, office.kernel.now())
    facets = {"technology": technology, "state": state, "level": str(made.level), "due": due}
    more = f"{names.get(technology, technology)} {made.unit}"
    return Line(of=told, title=served, more=more, at=made.at, until=until, facets=facets)


def _served(office: Office, made: Assessment, say: Say) -> str:
    """What was assessed, as a title: a whole technology, or one capability of it."""
    titles = {f"{t.id}.*": t.title for t in office.kernel.technologies}
    titles |= {c.id: c.title for t in office.kernel.technologies for c in t.capabilities}
    return say(titles.get(made.serves, made.serves))


def _standing(office: Office, made: Assessment) -> str:
    """Which word of STATES an assessment has."""
    if changed(office.kernel, made):
        return "changed"
    if authorization_of(office.kernel, made):
        return "signed"
    return "unsigned" if any(still_wanted(office.kernel, made)) else "ready"


def _state(office: Office, made: Assessment, say: Say) -> str:
    wanted = len(list(still_wanted(office.kernel, made)))
    told = {
        "changed": say("Out of date. Uses are blocked until it is reassessed."),
        "unsigned": say("not signed: %(n)d items missing", n=wanted),
    }
    state = _standing(office, made)
    return told.get(state) or say(STATES[state])


def _levels(say: Say) -> Grid:
    rows = tuple(
        (
            LEVELS[level],
            say("%(n)d", n=asked.reviews),
            ", ".join(worded(ROLES, role, say) for role in sorted(asked.approvers)),
            say("%(n)d parts, in two languages", n=len(asked.texts)) if asked.texts else say("none"),
            say(asked.training),
            say(asked.human),
        )
        for level, asked in BY_LEVEL.items()
    )
    titles = (
        say("Level"),
        say("Peer reviews"),
        say("Approved by"),
        say("Published explanation"),
        say("Training"),
        say("People"),
    )
    return Grid(caption=say("Requirements by level"), titles=titles, rows=rows, numeric=frozenset({1}))


def assessment_form(answers: Answers, say: Say, language: str, *, sent: bool) -> dict[str, Any]:
    questions = shipped()
    phase = (given(answers, PHASE) or ("item2",))[0]
    shown = [q for q in questions.questions if q.counts != "no" and _in_phase(q, phase)]
    found = {fault.question: fault for fault in faults(questions, answers)} if sent else {}
    complete = sent and not found
    return {
        "title": say("Calculate level"),
        "phase": phase,
        "phases": [(item, say(text)) for item, text in PHASE_NAMES.items()],
        "groups": [
            (say(title), [_question(q, answers, found.get(q.id), say, language) for q in shown if q.counts == counts])
            for counts, title in GROUPS
        ],
        "faults": [(name, _worded(name, language), say(fault.says)) for name, fault in found.items()],
        "score": _score(scored(questions, answers), say) if complete else None,
        "levels": _levels(say),
        "draft": None,
    }


PHASE_NAMES = {"item1": "Project in design", "item2": "System in implementation or in use"}
GROUPS = (("raw", "Risks"), ("mitigation", "Mitigation measures"))


def _in_phase(question: Question, phase: str) -> bool:
    """Whether a question belongs to this phase, whatever else it depends on."""
    others = [c for c in question.asked_if if c.startswith(f"{{{PHASE}}}")]
    return all(f"'{phase}'" in condition for condition in others)


def _question(question: Question, answers: Answers, fault: Fault | None, say: Say, language: str) -> dict[str, Any]:
    chosen = given(answers, question.id)
    only_if = [c for c in question.asked_if if not c.startswith(f"{{{PHASE}}}")]
    return {
        "id": question.id,
        "text": question.fr if language == "fr" else question.en,
        "many": question.many,
        "only_if": _condition(only_if[0], language) if only_if else "",
        "fault": say(fault.says) if fault else "",
        "choices": [
            (c.value, c.fr if language == "fr" else c.en, c.points, c.value in chosen) for c in question.choices
        ],
    }


def _condition(condition: str, language: str) -> str:
    """The question that another one depends on, in words; which of its answers count is shown by the faults."""
    name = condition[1 : condition.index("}")]
    values = [part.split("'")[1] for part in condition.split(" or ")]
    question = shipped().question(name)
    words = [(c.fr if language == "fr" else c.en) for c in question.choices if c.value in values] if question else []
    return f"{_worded(name, language)} {' / '.join(words)}"


def _worded(name: str, language: str) -> str:
    question = shipped().question(name)
    return (question.fr if language == "fr" else question.en) if question else name


def _score(score: Score, say: Say) -> list[tuple[str, str]]:
    return [
        (say("Impact level"), score.roman),
        (say("Score"), say("%(n)d of %(most)d", n=score.score, most=score.most_raw)),
        (say("Before mitigation"), say("%(n)d of %(most)d", n=score.raw, most=score.most_raw)),
        (say("Mitigation"), say("%(n)d of %(most)d", n=score.mitigation, most=int(score.most_mitigation))),
        (say("Lowered by 15%"), say("yes") if score.reduced else say("no: needs 61.6 mitigation points")),
    ]


def assessment_page(office: Office, made: Assessment, say: Say, language: str) -> dict[str, Any]:
    """Everything `assessment.html` shows to all."""
    authorization = authorization_of(office.kernel, made)
    score = {key: int(value) for key, value in made.score.items()}
    texts = [(name, title) for name, title in {**PARTS, **MORE}.items() if name in made.explanation]
    return {
        "title": say("Assessment of %(name)s", name=_served(office, made, say)),
        "facts_shown": [
            (say("Impact level"), LEVELS[made.level]),
            (say("Score"), say("%(n)d of %(most)d", n=score["score"], most=score["most_raw"])),
            (say("Before mitigation"), say("%(n)d of %(most)d", n=score["raw"], most=score["most_raw"])),
            (say("Mitigation"), say("%(n)d of %(most)d", n=score["mitigation"], most=score["most_mitigation"])),
            (say("State"), _state(office, made, say)),
            (say("Assessed on"), moment(made.at, language)),
            (say("Valid until"), moment(authorization.ends[:10], language) if authorization else say("not signed")),
        ],
        "explanation": [(say(title), made.explanation[name][language]) for name, title in texts],
        "wanted": [(translated(r.says, say), translated(r.remedy, say)) for r in still_wanted(office.kernel, made)],
        "reviews": [(str(r.body["qualified_as"]), str(r.body["finding"])) for r in made.reviews],
        "approvals": [(str(r.body["unit"]), str(r.body["reasons"])) for r in made.approvals],
        "uses": _uses(office, made, say, language),
        "answers": _answers(made, say, language),
        "problem": (),
        **_versions(office, made, language),
    }


def _versions(office: Office, made: Assessment, language: str) -> dict[str, Any]:
    """The newer assessment that replaces this one, and those that it replaces, each with its day and address."""
    every = assessments(office.kernel)

    def told(one: Assessment) -> tuple[str, str]:
        return f"/{language}/assessment/{one.digest}", moment(one.at, language)

    newer = replaced_by(office.kernel, made, every)
    older = [one for one in every if authorization_of(office.kernel, one) and one.digest != made.digest]
    replaced = [one for one in older if replaced_by(office.kernel, one, every) == made]
    return {"newer": told(newer) if newer else None, "older": [told(one) for one in replaced]}


def _uses(office: Office, made: Assessment, say: Say, language: str) -> Grid:
    rows = []
    known = {c.id: (c.title, c.asks.params) for t in office.kernel.technologies for c in t.capabilities}
    known |= {w.id: (w.title, w.asks.params) for t in office.kernel.technologies for w in t.watches}
    for use in made.uses:
        title, params = known[str(use["capability"])]
        own = office.say(language, str(use["capability"]).partition(".")[0])
        told = params_said(params, use["settings"], own)
        settings = say("; ").join(say("%(name)s: %(value)s", name=name, value=value) for name, value in told)
        rows.append((say(title), settings or say("no settings")))
    titles = (say("Capability"), say("Settings assessed"))
    return Grid(caption=say("Subject of the assessment"), titles=titles, rows=tuple(rows))


def _answers(made: Assessment, say: Say, language: str) -> Grid:
    rows = []
    for question in shipped().asked(made.answers):
        chosen = [c for c in question.choices if c.value in given(made.answers, question.id)]
        words = say("; ").join(c.fr if language == "fr" else c.en for c in chosen) or say("none of them")
        text = question.fr if language == "fr" else question.en
        points = say("%(n)d", n=sum(c.points for c in chosen)) if question.counts != "no" else ""
        rows.append((text, words, points))
    titles = (say("Question"), say("Answer"), say("Points"))
    return Grid(caption=say("Questions and answers"), titles=titles, rows=tuple(rows), numeric=frozenset({2}))


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language
