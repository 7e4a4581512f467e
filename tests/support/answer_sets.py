"""Complete sets of answers to the impact assessment, and sets whose raw and mitigation points are chosen."""

from __future__ import annotations

from peelian.oversight.assessment.questions import PHASE, Question, shipped

Answers = dict[str, str | tuple[str, ...]]


def complete(phase: str = "item2", *, most: bool = False) -> Answers:
    """Every question that is asked, answered with the fewest points (or the most)."""
    answers: Answers = {PHASE: phase}
    for question in shipped().questions[1:]:
        if question.asked(answers):
            answers[question.id] = _answer(question, question.most if most else 0)
    return answers


def with_points(raw: int, mitigation: int, phase: str = "item2") -> Answers:
    """A complete set that comes to exactly these points; AssertionError where none was found."""
    answers = complete(phase)
    for counts, wanted in (("raw", raw), ("mitigation", mitigation)):
        for question in shipped().questions:
            if question.counts == counts and question.asked(answers):
                missing = wanted - total(answers, counts)
                given = _answer(question, missing + _points(question, answers[question.id]))
                changed = settled({**answers, question.id: given})
                answers = changed if total(changed, counts) <= wanted else answers
        assert total(answers, counts) == wanted, f"{wanted} {counts} points cannot be reached"
    return answers


def settled(answers: Answers) -> Answers:
    """The answers with those that are not asked left out, and those that are newly asked answered with the fewest."""
    made: Answers = {}
    for question in shipped().questions:
        if question.asked(made):
            made[question.id] = answers.get(question.id, _answer(question, 0))
    return made


def total(answers: Answers, counts: str) -> int:
    """The points of one kind."""
    return sum(_points(q, answers[q.id]) for q in shipped().questions if q.counts == counts and q.id in answers)


def _answer(question: Question, wanted: int) -> str | tuple[str, ...]:
    """The answer with the most points that are not above `wanted`; the fewest points there are where all are above."""
    if not question.many:
        by_points = sorted(question.choices, key=lambda choice: choice.points)
        return [by_points[0], *(c for c in by_points if c.points <= wanted)][-1].value
    taken: list[str] = []
    for choice in question.choices:
        if choice.value not in question.alone and 0 < choice.points <= wanted:
            taken.append(choice.value)
            wanted -= choice.points
    return tuple(taken)


def _points(question: Question, given: str | tuple[str, ...]) -> int:
    values = (given,) if isinstance(given, str) else given
    return sum(choice.points for choice in question.choices if choice.value in values)
