"""Uses outside an office's cases: `try`, `challenge` and both libraries ask here whether somebody's office is named.

Without an office nothing is asked. With one, whoever uses a technology is one of its people, its log says so, and a
suspended technology is used by nobody. Windows lie in the past and hold enough rows.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from peelian.errors import InputError, sentence

if TYPE_CHECKING:
    from peelian.integrations.person_keys import Passphrases
    from peelian.kernel.state.kernel import Kernel
    from peelian.operations.office import Office

LEAST_ROWS = 20  # of the category used, in each window
GONE = "This office is listed and its folder is gone, so it counts as none: %(folder)s"
SEVERAL = "PEELIAN_OFFICE=FOLDER with one of them"
WHO = "your short name in the office: --as NAME, or PEELIAN_AS=NAME"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who uses something outside a case: their office (None: no office is named), their short name, and where their
    passphrase comes from."""

    office: Path | None = None
    person: str = ""
    passphrases: Passphrases | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Days that are forecast or scored: the last one (ISO), and how many rows of the category lie in it."""

    last: str
    rows: int


_ASKER: ContextVar[Asker | None] = ContextVar("who uses something, where a command says so", default=None)


def list_of_offices() -> Path:
    """The user's file of offices, one folder a line."""
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(home).expanduser() / "peelian" / "offices"


def put_on_list(office: Path) -> None:
    """Add an office that was founded; OSError where the user's configuration cannot be written."""
    file, whole = list_of_offices(), str(office.resolve())
    if whole in _listed():
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(f"{whole}\n")


def named_office(tell: Callable[[str], None] = warnings.warn) -> Path | None:
    """The office of PEELIAN_OFFICE, or the one on the user's list that is there; None where there is none.

    A listed one whose folder is gone is told. InputError: several are there, or the list cannot be read.
    """
    if folder := os.environ.get("PEELIAN_OFFICE", ""):
        return Path(folder)
    there = []
    for line in _listed():
        if _is_gone(Path(line)):
            tell(sentence(GONE, folder=line))
        else:
            there.append(Path(line))
    if len(there) > 1:
        raise InputError("several offices are listed", file=str(list_of_offices()), accepted=SEVERAL)
    return there[0] if there else None


@contextmanager
def asked_by(office: Path | None, person: str, passphrases: Passphrases) -> Iterator[None]:
    """Within this context whoever uses something is this person of this office (None: nobody's office is named)."""
    before = _ASKER.set(Asker(office=office, person=person, passphrases=passphrases))
    try:
        yield
    finally:
        _ASKER.reset(before)


def has_office() -> bool:
    """Whether somebody's office is named: then its floors hold."""
    return _asker().office is not None


def entered(technology: str) -> None:
    """Something comes in for a technology (`risk`, or a capability of it), or what was made of it leaves. Refused while
    it is suspended; InputError or OutOfOrder where nobody of the office is named. Nothing without an office."""
    with _opened(technology) as (town, asker):
        if town is not None:
            town.person(asker.person)


def used(technology: str, what: str, *, rows: int, data: str, windows: Sequence[Window] = ()) -> None:
    """Have the office's log say that one of its people uses a technology on `rows` rows (`data`: their digest).

    They prove it by their key. Asked before anything runs; nothing without an office. Refused while the technology is
    suspended. InputError: nobody is named, or a window that has not ended before today or holds fewer than 20 rows.
    """
    with _opened(technology) as (town, asker):
        if town is not None:
            from peelian.kernel.model.pseudonyms import PARAMS
            from peelian.kernel.records.office_records import tried

            _must_be_past(town.kernel, windows)
            token = town.kernel.office.token(data, of=PARAMS)
            tried(town.kernel, town.operator(asker.person), technology, format=what, rows=rows, data=token)


@contextmanager
def _opened(technology: str) -> Iterator[tuple[Office | None, Asker]]:
    """The office of whoever asks, opened, in which the technology is not suspended; None where none is named."""
    asker = _asker()
    if asker.office is None:
        yield None, asker
        return
    if not asker.person:
        raise InputError("nobody named", column="PEELIAN_AS", accepted=WHO)
    from peelian.kernel.gate import enter  # a second: only where an office is named
    from peelian.operations.office import open_office

    with open_office(asker.office).asking(asker.passphrases) as town:
        enter(town.kernel, technology.partition(".")[0])
        yield town, asker


def _must_be_past(kernel: Kernel, windows: Sequence[Window]) -> None:
    today = kernel.now().date()
    for one in windows:
        if date.fromisoformat(one.last) >= today:
            says = sentence("the window ends on %(day)s", day=one.last)
            raise InputError(says, column="window", accepted="a window that ended before today")
        if one.rows < LEAST_ROWS:
            says = sentence("only %(n)d rows lie in the window that ends on %(day)s", n=one.rows, day=one.last)
            accepted = sentence("windows with at least %(n)d rows of the category", n=LEAST_ROWS)
            raise InputError(says, column="window", accepted=accepted)


def _asker() -> Asker:
    """Who a command says it is; else the person and the office of the environment."""
    if (asker := _ASKER.get()) is not None:
        return asker
    office = named_office()
    return _of_environment(office, os.environ.get("PEELIAN_AS", "")) if office else Asker()


@lru_cache(maxsize=8)  # so that a passphrase is typed once a person and process
def _of_environment(office: Path, person: str) -> Asker:
    from peelian.integrations.person_keys import Typed

    return Asker(office=office, person=person, passphrases=Typed())


def _listed() -> list[str]:
    """The folders on the user's list, each once."""
    file = list_of_offices()
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError):
        raise InputError("the list of offices cannot be read", file=str(file), accepted="one folder a line") from None
    return list(dict.fromkeys(line for one in text.splitlines() if (line := one.strip())))


def _is_gone(folder: Path) -> bool:
    """Whether there is no such folder; one that may not be looked at is there."""
    try:
        folder.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        pass
    return False
