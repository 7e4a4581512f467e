"""Errors as sentences in the language of whoever reads them: on a page, or in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from peelian.errors import InputError, Reason, Refused, Sentence, Withheld, sentence
from peelian.pictures.panels import Say
from peelian.pictures.words import days_said
from peelian.wording.labels import CHOICES, PURPOSES, ROLES, RULES, worded

WORDS: Mapping[str, str] = {**PURPOSES, **ROLES, **CHOICES}


def shown_reasons(reasons: Sequence[Reason], say: Say, titles: Mapping[str, str] | None = None) -> list[dict[str, str]]:
    """Reasons for a page: rule, what is wrong and what puts it right, in its language; `titles`: what people call the
    uses that they name."""
    return [
        {
            "rule": worded(RULES, r.rule, say),
            "says": with_days(_titled(r.says, titles or {}), say),
            "remedy": with_days(_titled(r.remedy, titles or {}), say),
        }
        for r in reasons
    ]


def _titled(told: str, titles: Mapping[str, str]) -> str:
    """A sentence whose values name a use by its title."""
    if not isinstance(told, Sentence) or not told.values:
        return told
    return sentence(told.text, **{name: titles.get(str(value), value) for name, value in told.values.items()})


def error_said(error: Exception, say: Say) -> str:
    """An error in the page's language: of bad input where it is, what is wrong, and what is accepted."""
    if not isinstance(error, InputError):
        told = error.args[0] if error.args else ""
        return translated(told if isinstance(told, Sentence) else str(error), say)  # `str` would forget its values
    where = [error.file] if error.file else []
    where += [say("row %(n)d", n=error.row)] if error.row is not None else []
    option = error.column.startswith("--")
    where += [error.column if option else say("column %(name)s", name=error.column)] if error.column else []
    wrong = translated(error.wrong, say)
    text = say("%(where)s: %(what)s", where=", ".join(where), what=wrong) if where else wrong
    return (
        say("%(what)s. Expected: %(accepted)s", what=text, accepted=translated(error.accepted, say))
        if error.accepted
        else text
    )


def translated(told: str, say: Say) -> str:
    """A sentence in the page's language, its values, too, where they are sentences themselves."""
    if not isinstance(told, Sentence):
        return say(told) if told else ""
    if told.parts:
        return ", ".join(worded(WORDS, part, say) if part in WORDS else translated(part, say) for part in told.parts)
    return say(told.text, **{k: translated(v, say) if isinstance(v, Sentence) else v for k, v in told.values.items()})


def with_days(told: str, say: Say) -> str:
    """The same for a page, on which days are written out."""
    if not isinstance(told, Sentence) or told.parts:
        return translated(told, say)
    values = {k: translated(v, say) if isinstance(v, Sentence) else v for k, v in told.values.items()}
    return say(told.text, **days_said(say, values))


def as_sentence(text: str) -> str:
    """The text as a sentence of its own.

    >>> as_sentence("ask a custodian")
    'Ask a custodian.'
    """
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def reasons_of(error: Exception) -> tuple[Reason, ...]:
    """The policy's reasons, where there are some."""
    return error.reasons if isinstance(error, (Refused, Withheld)) else ()
