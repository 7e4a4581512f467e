"""Annexes to two impact assessments: what an audit can put into them, and what it must leave to people.

- FRIA: fundamental rights impact assessment of deployers, Regulation (EU) 2024/1689 (AI Act), Article 27(1)(a) to (f).
- AIA: Algorithmic Impact Assessment of the Government of Canada, version 1.0.1, by the question ids that
  `oversight/assessment` ships.

Facts and numbering are the rules'. The wording is ours, and neither annex is the assessment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from peelian.audit.documents import Document, Part, say_for, sentences
from peelian.audit.figures import ALL, EVERYONE, UNDETERMINED, rows_of
from peelian.audit.model_card import face_columns, face_rows, risk_columns, risk_rows
from peelian.demos.trial import Attempt
from peelian.oversight.assessment.questions import PHASES, shipped
from peelian.pictures.panels import Say

AI_ACT = "Regulation (EU) 2024/1689, Article 27(1)"
CANADA = "Algorithmic Impact Assessment 1.0.1 (Canada)"


def fria(made: Attempt) -> Document:
    """The annex by the six letters of Article 27(1). O(rows of the audit)."""
    say = say_for(made)
    parts = (
        Part(
            id="a",
            title=say("Process in which the system is used"),
            says=(say("Audited: %(what)s.", what=say(made.capability.title)),),
            open=(say("In which of the deployer's processes the system is used, and for which intended purpose."),),
        ),
        Part(
            id="b",
            title=say("Period and frequency of use"),
            open=(say("How long and how often it will be used. An audit of past scores cannot tell."),),
        ),
        _people(made, say),
        Part(
            id="d",
            title=say("Risks of harm"),
            says=(*sentences(made, "finding"), *sentences(made, "caveat")),
            open=(say("Which harm a wrong result does to these people, and how grave it is."),),
        ),
        Part(
            id="e",
            title=say("Human oversight"),
            says=(say("People who decide need the error rates of part c for the group before them."),),
            open=(say("Who oversees the system, with which training and authority, and how they overrule it."),),
        ),
        Part(
            id="f",
            title=say("Measures when a risk occurs"),
            open=(
                say("Internal governance, complaints, and at which figures use stops."),
                say("Whether the market surveillance authority was notified."),
                say("Whether a data protection impact assessment exists."),
            ),
        ),
    )
    return Document(id="fria", title=say("Fundamental rights annex"), source=AI_ACT, parts=parts, made=made, say=say)


def _people(made: Attempt, say: Say) -> Part:
    """Article 27(1)(c): the groups that were measured, with their sizes and errors."""
    findings, risk = made.ran[0].findings, made.technology == "risk"
    return Part(
        id="c",
        title=say("Groups of people affected"),
        rows=tuple(risk_rows(findings) if risk else face_rows(findings)),
        columns=risk_columns(say) if risk else face_columns(say),
        open=(say("Whom the system will affect in this use. The table shows whom the audit measured."),),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an audit says to a question, which answer its figures support ("" where people must), and what is open.

    `{phase}` in an id stands for both phases.
    """

    id: str
    says: tuple[str, ...]
    open: str
    value: str = ""


def aia(made: Attempt) -> Document:
    """The annex by question id. O(rows of the audit)."""
    say = say_for(made)
    parts = [part for answer in _answers(made, say) for part in _asked(answer, made, say)]
    rest = say("All other questions: %(n)d that an audit cannot answer.", n=len(shipped().questions) - len(parts))
    parts.append(Part(id="rest", title=say("What this annex cannot tell"), open=(rest,)))
    return Document(
        id="aia", title=say("Impact assessment annex"), source=CANADA, parts=tuple(parts), made=made, say=say
    )


def _asked(answer: Answer, made: Attempt, say: Say) -> Iterator[Part]:
    """The question as the package words it, once for each phase that asks it."""
    french = made.language == "fr"
    names = {answer.id.replace("{phase}", phase) for phase in PHASES.values()}
    for question in shipped().questions:
        if question.id in names:
            chosen = [choice for choice in question.choices if choice.value == answer.value]
            told = [
                say("Supported answer: %(answer)s (%(value)s).", answer=c.fr if french else c.en, value=c.value)
                for c in chosen
            ]
            title = f"{question.id}: {question.fr if french else question.en}"
            yield Part(id=question.id, title=title, says=(*answer.says, *told), open=(answer.open,))


def _answers(made: Attempt, say: Say) -> Iterator[Answer]:
    """What the audit says, question by question."""
    findings = made.ran[0].findings
    if made.technology == "risk":
        verdicts = [row["verdict"] for row in rows_of(findings, "verdicts") if row["axis"] != EVERYONE]
        n, short = len(verdicts), sum(word.startswith("not validated") for word in verdicts)
        compared = say("Error rates, calibration and AUC were compared between %(n)d %(n:group|groups).", n=n)
        lacking = say(
            "%(short)d of %(n)d %(n:group|groups) %(short:has|have) too few people to validate the instrument.",
            short=short,
            n=n,
        )
        yield _proxies({str(row["source"]) for row in rows_of(findings, "leakage")} - {"score"}, say)
    else:
        groups = [row for row in face_rows(findings) if row["group"] != ALL]
        n, short = len(groups), sum(UNDETERMINED in (row["fmr_adequacy"], row["fnmr_adequacy"]) for row in groups)
        compared = say("FMR and FNMR were compared between %(n)d %(n:group|groups).", n=n)
        lacking = say(
            "In %(short)d of %(n)d %(n:group|groups), FMR or FNMR rests on fewer than 10 errors.", short=short, n=n
        )
        yield Answer(
            id="aboutAlgorithm11",
            says=(say("An audit of comparisons does not see the variables of a matcher."),),
            open=say("Whether the variables of the model were examined."),
        )
    if not n:
        compared = lacking = say("The audit has no groups. Nothing was compared between groups.")
    yield from _judged(made, compared, lacking, say, any_group=bool(n))


def _judged(made: Attempt, compared: str, lacking: str, say: Say, *, any_group: bool) -> Iterator[Answer]:
    """What holds of both kinds of audit: what was `compared` between groups, and what is `lacking`."""
    yield Answer(
        id="aboutDataSource15",
        says=(lacking,),
        open=say("Whether the data represent the people concerned: it takes the town's own figures."),
    )
    yield Answer(
        id="impact18", says=(compared,), open=say("Whether a difference is justified, and what was done about it.")
    )
    yield Answer(
        id="impact23",
        says=sentences(made, "finding"),
        open=say("Which groups bear most of the harm: people judge, with these figures."),
    )
    yield Answer(id="impact28", says=(compared,), open=say("How much harm a false positive or a false negative does."))
    yield Answer(
        id="dataQuality{phase}5",
        says=(compared,),
        value="item1-2" if any_group else "item2-0",
        open=say("Whether all groups that matter are in the data."),
    )
    yield Answer(
        id="fairness{phase}18", says=(compared,), open=say("Which measures were taken in building and testing it.")
    )
    yield Answer(
        id="fairness{phase}24",
        says=(say("This audit is one measurement."),),
        open=say("Whether it is repeated, how often, and by whom."),
    )


def _proxies(tested: set[str], say: Say) -> Answer:
    """Whether variables that could stand in for a group were tested."""
    names = ", ".join(sorted(tested))
    return Answer(
        id="aboutAlgorithm11",
        says=(
            say("How well these guess a group was measured: %(names)s.", names=names)
            if tested
            else say("No feature or area was given: only the score could be tested as a proxy."),
        ),
        value="item1-0" if tested else "",
        open=say("Whether these are all the variables of the model.")
        if tested
        else say("Whether the variables of the model were examined."),
    )
