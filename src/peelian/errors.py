"""Every error Peelian raises on purpose.

PeelianError
├── Refused          the policy said no: every reason, each with its remedy      exit 3, HTTP 403, logged
├── Withheld         it was done, but the result may not leave                    exit 4, HTTP 422, logged
├── OutOfOrder       a wrong, expired or doctored document                        exit 2, HTTP 409
├── InputError       (also a ValueError) names file, row, column, what is accepted  exit 2, HTTP 400
│   └── NotEnoughData
└── IntegrityError   log, signature or key damaged: never caught; the office shuts  exit 5, HTTP 503

Messages never hold a personal value: a value is described by its kind ("text of 24 characters"), never quoted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason for a refusal: the rule as a sentence, what is wrong, and what would put it right."""

    rule: str
    says: str
    remedy: str
    policy: str = ""  # the policy that said no, by its @id
    field: str = ""  # the field of a message that is not on the list, where its name is a plain word

    def __str__(self) -> str:
        return f"{self.says} → {self.remedy}"


class PeelianError(Exception):
    """The root: anything a caller may want to show a person."""

    exit_code = 1
    http_status = 500


class Refused(PeelianError):
    """The policy said no; `reasons` holds every reason at once, each with its remedy."""

    exit_code = 3
    http_status = 403

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("refused: " + "; ".join(str(reason) for reason in self.reasons))


class Withheld(PeelianError):
    """The work was done but its result may not leave; `reasons` says what was found at the door."""

    exit_code = 4
    http_status = 422

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("withheld: " + "; ".join(str(reason) for reason in self.reasons))


class OutOfOrder(PeelianError):
    """A document is wrong, expired, used up or doctored, or a verb was called out of its turn."""

    exit_code = 2
    http_status = 409


class InputError(PeelianError, ValueError):
    """Bad input: says where (file, row with the header as row 1, column), what is wrong, what is accepted."""

    exit_code = 2
    http_status = 400

    def __init__(
        self,
        wrong: str,
        *,
        accepted: str = "",
        file: str = "",
        row: int | None = None,
        column: str = "",
    ) -> None:
        self.wrong, self.accepted, self.file, self.row, self.column = wrong, accepted, file, row, column
        where = [file] if file else []
        where += [f"row {row:,}"] if row is not None else []
        where += [f"column {column}"] if column else []
        text = f"{', '.join(where)}: {wrong}" if where else wrong
        super().__init__(f"{text} (accepted: {accepted})" if accepted else text)


class NotEnoughData(InputError):
    """There is too little data for an honest answer; says how much there is and how much is needed."""


class IntegrityError(PeelianError):
    """Log, signature or key is damaged: nothing catches this; the office shuts and the breach protocol begins."""

    exit_code = 5
    http_status = 503
