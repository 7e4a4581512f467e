"""Days and times for people: a moment of the log or of a document, as a language writes it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from peelian.pictures.panels import Say
from peelian.pictures.words import day


@lru_cache(maxsize=4096)
def moment(text: str, language: str) -> str:
    """A log's or a document's UTC time for people; what is no time stays as it is.

    >>> moment("2026-11-24T15:32:01.12Z", "en"), moment("2026-11-24", "fr")
    ('24 November 2026 at 15:32 UTC', '24 novembre 2026')
    >>> moment("2026-03-01", "fr")
    '1er mars 2026'
    """
    from babel.dates import format_date, format_datetime  # heavy, and help needs none of it

    try:
        at = datetime.fromisoformat(text)
        day = "d'er' MMMM y" if language == "fr" and at.day == 1 else "d MMMM y"
        if len(text) == 10:
            return format_date(at, day, locale=language)
        return format_datetime(
            at, day + (" 'à' HH 'h' mm 'UTC'" if language == "fr" else " 'at' HH:mm 'UTC'"), locale=language
        )
    except ValueError:
        return text


def stamp(say: Say, text: str) -> str:
    """A UTC time to the minute as tables write it, whose title says that it is UTC.

    >>> from peelian.pictures.words import english
    >>> stamp(english, "2026-11-24T15:32:01.12Z")
    '24 November 2026 at 15:32'
    """
    return day(say, text[:16])
