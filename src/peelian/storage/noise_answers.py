"""Noisy answers: each drawn once, kept with the act that drew it. Noisy counts are no secret."""

from __future__ import annotations

import json
import re

from sqlalchemy import select

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.storage.database import Database
from peelian.storage.schema import ANSWERS

_DIGEST = re.compile(r"[0-9a-f]{64}")


class AnswerRows:
    """Answers `noise.Answers`: rows that are never overwritten."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, digest: str) -> tuple[int, ...] | None:
        """The answer kept under a question's digest; None where there is none; IntegrityError where it is damaged."""
        if not _DIGEST.fullmatch(digest):
            raise InputError("not a question digest", accepted="64 hexadecimal digits")
        with self._database.reading() as connection:
            text = connection.scalar(select(ANSWERS.c.answer).where(ANSWERS.c.question == digest))
        if text is None:
            return None
        try:
            kept = json.loads(text)
        except ValueError:
            kept = None
        if not isinstance(kept, list) or not all(type(value) is int for value in kept):
            raise IntegrityError("A stored noisy answer is damaged. Restore it from the backup; do not draw it again.")
        return tuple(kept)

    def keep(self, digest: str, answer: tuple[int, ...]) -> None:
        """Keep an answer; OutOfOrder where another one is kept."""
        if (known := self.find(digest)) is not None:
            if known != answer:
                raise OutOfOrder("Another answer is stored for this question. Noise is drawn once.")
            return
        with self._database.writing() as connection:
            connection.execute(ANSWERS.insert(), {"question": digest, "answer": json.dumps(list(answer))})
