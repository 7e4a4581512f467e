"""Every error Peelian raises on purpose.

PeelianError
├── Refused          the policy refused: every reason, each with its remedy         exit 3, HTTP 403, logged
├── Withheld         it ran, but the results cannot be released                     exit 4, HTTP 422, logged
├── OutOfOrder       a document is wrong, expired or altered                        exit 2, HTTP 409
├── KeyLocked        a session is to sign, and its person's key is not unlocked     exit 2, HTTP 403
├── Unreachable      registrar or database does not answer: nothing was recorded    exit 1, HTTP 503
│   └── Unsure       it went away in the middle: the log says whether it was done   exit 1, HTTP 503
├── InputError       (also a ValueError) names file, row, column, what is expected  exit 2, HTTP 400
│   ├── NotEnoughData
│   └── ColumnMissing
└── IntegrityError   a record is damaged: what rests on it shuts                    exit 5, HTTP 503
    ├── OfficeShut   head of the log, keys or schema are damaged: the office shuts
    ├── DiskError    the log's disk fails: nothing is lost                          exit 6, HTTP 503
    │   ├── DiskFull
    │   └── DiskReadOnly
    └── Objection    the log's witness objects: rewritten, rolled back or forked

Messages never hold a personal value: a value is described by its kind ("text of 24 characters"), never quoted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

PLACE = re.compile(r"%(?:\((\w+)\))?([#0 +-]*+)(\d*+)(?:\.(\d+))?([a-zA-Z%])")
"""A printf place as gettext knows them: `%(name)s`, `%(n)d`, `%(share).1f`, `%%`."""

AGREES = re.compile(r"%\((\w+):([^|()]*)\|([^|()]*)\)")
"""A word that agrees with a number: `%(n:person|people)` is the first where the number is singular, else the second."""

MISSING = "–"
GROUPED = 4  # from how many digits on thousands are set apart
AS_IT_IS = frozenset({"year"})  # the name of a number that is written without marks between thousands


def fill(
    text: str,
    values: Mapping[str, object],
    *,
    point: str = ".",
    group: str = ",",
    singular: Callable[[float], bool] = lambda n: n == 1,
) -> str:
    """`text` with its places filled; numbers get `point` and, from four digits on, `group` between thousands; a year
    does not.

    `singular` is the language's rule for words beside a number. Text without values is
    left as it stands. A place without a value is a KeyError: a fault of ours, not of a user.

    >>> [fill("%(n)d %(n:person|people)", {"n": n}) for n in (0, 1, 2)]
    ['0 people', '1 person', '2 people']
    """
    if not values:
        return text

    def agreeing(match: re.Match[str]) -> str:
        name, one, many = match.groups()
        n = values[name]
        return one if isinstance(n, (int, float)) and singular(n) else many

    def filled(match: re.Match[str]) -> str:
        name, _flags, _width, _digits, letter = match.groups()
        if letter == "%":
            return "%"
        if name is None:  # a per cent sign before a word is no place
            return match[0]
        value = values[name]
        if letter == "s" or not isinstance(value, (int, float)):
            return str(value)
        return _localised(match[0], name, value, (point, group))

    return PLACE.sub(filled, AGREES.sub(agreeing, text))


def _localised(place: str, name: str, value: float, marks: tuple[str, str]) -> str:
    point, group = marks
    if not math.isfinite(value):
        return MISSING
    plain = place % {name: value}
    sign, plain = ("−", plain[1:]) if plain.startswith("-") else ("", plain)
    whole, dot, rest = plain.partition(".")
    if whole.isdigit() and len(whole) >= GROUPED and name not in AS_IT_IS:
        whole = f"{int(whole):,}".replace(",", group)
    return sign + whole + (point + rest if dot else "")


class Sentence(str):
    """A sentence with its values filled in, in English, that can be said again in another language.

    >>> told = sentence("%(n)d words are missing", n=3)
    >>> told, vars(told)
    ('3 words are missing', {'text': '%(n)d words are missing', 'values': {'n': 3}})
    """

    text: str
    values: Mapping[str, object]
    parts: tuple[str, ...] = ()  # of a list of words: each is said by itself


def sentence(text: str, /, **values: object) -> str:
    """A message id (the English sentence) with the values of its places; a value that is a sentence is said, too.

    A text that is a sentence already is given back as it is.
    """
    if isinstance(text, Sentence):
        return text
    made = Sentence(fill(text, values))
    made.text, made.values = text, values
    return made


def enumerated(words: Iterable[str], otherwise: str = "none") -> str:
    """Words one after the other, each of which has its own translation; `otherwise` where there is none.

    >>> enumerated(["analyst", "board"])
    'analyst, board'
    """
    parts = tuple(word if isinstance(word, Sentence) else str(word) for word in words) or (otherwise,)
    made = Sentence(", ".join(parts))
    made.text, made.values, made.parts = str(made), {}, parts
    return made


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
    """The policy refused; `reasons` holds every reason, each with its remedy."""

    exit_code = 3
    http_status = 403

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("Refused: " + "; ".join(str(reason) for reason in self.reasons))


class Withheld(PeelianError):
    """The run ended, but its results cannot be released; `reasons` says why."""

    exit_code = 4
    http_status = 422

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("Withheld: " + "; ".join(str(reason) for reason in self.reasons))


class OutOfOrder(PeelianError):
    """A document is wrong, expired, used up or altered, or a verb was called out of order."""

    exit_code = 2
    http_status = 409


class KeyLocked(PeelianError):
    """Somebody is to sign in a session in which their key is not unlocked: the pages ask for its passphrase."""

    exit_code = 2
    http_status = 403


class Unreachable(PeelianError):
    """The registrar, or the PostgreSQL server, does not answer: nothing was recorded, and it can be done again."""

    http_status = 503


class Unsure(Unreachable):
    """It went away in the middle of an act: whether that was done, the log says. It is not done again unseen."""


class InputError(PeelianError, ValueError):
    """Bad input: says where (file, row with the header as row 1, column), what is wrong, what is expected."""

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
        where += [column if column.startswith("--") else f"column {column}"] if column else []  # or an option
        text = f"{', '.join(where)}: {wrong}" if where else wrong
        super().__init__(f"{text}. Expected: {accepted}" if accepted else text)

    def of_file(self, file: str) -> InputError:
        """The same error, of this file."""
        return type(self)(self.wrong, accepted=self.accepted, file=file, row=self.row, column=self.column)


def out_of_range(name: str, low: float, high: float) -> InputError:
    """The error of a parameter that is none of `low` to `high`, both included.

    >>> str(out_of_range("bands", 1, 12))
    'column bands: out of range. Expected: 1 to 12'
    """
    accepted = sentence("%(low).12g to %(high).12g", low=low, high=high)
    return InputError("out of range", column=name, accepted=accepted)


class NotEnoughData(InputError):
    """Too little data for an honest answer; says how much there is and how much is needed."""


class ColumnMissing(InputError):
    """A table is plainly of one kind, for its other columns were found, and lacks a column of it."""


class IntegrityError(PeelianError):
    """A record is damaged: what rests on it shuts until it is restored, and all else goes on. `of`: which record, as
    the office names it; "" where the message says all that is known."""

    exit_code = 5
    http_status = 503

    def __init__(self, says: str = "", *, of: str = "") -> None:
        self.of = of
        super().__init__(says)


class OfficeShut(IntegrityError):
    """The head of the log, the keys or the schema is damaged: nothing can be trusted, so the office shuts until that
    is restored."""


class DiskError(IntegrityError):
    """The disk under the log fails: nothing more is acknowledged, and nothing is damaged."""

    exit_code = 6


class DiskFull(DiskError):
    """The disk under the log is full, or its quota is used up."""


class DiskReadOnly(DiskError):
    """The disk under the log cannot be written."""


class Objection(IntegrityError):
    """The log's witness found it rewritten, forked, rolled back or signed by another key: nothing more is logged."""
