"""The regimes of breach law as data, their strictest union, and their clocks: whom to tell what by when, what to keep.

A town names those that bind it; without a choice all bind: 72 hours to the regulator, five years of records. Each names
what its report and its notice must say (words of `letters.REPORT` and `letters.NOTICE`), and who gets the report and
the complaints of people (`authorities.json`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from peelian.errors import InputError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who gets reports or complaints; an address that is "" is not the same in every place, and `web` lists it."""

    id: str
    name: str
    postal: str
    telephone: str
    web: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """One law, or several at once. None: it names no number of hours ("as soon as feasible")."""

    id: str
    title: str
    source: str
    binds: str  # law, guidance of a commissioner, policy of an agency, or the office's own rule; of several: the first
    internal_hours: int | None
    regulator_hours: int | None
    persons_hours: int | None
    records_months: int
    thresholds: frozenset[str]
    encrypted_exempts: bool
    yearly_statistics: bool
    register: tuple[str, ...]  # what its register must say of an incident
    report: tuple[str, ...]  # what the report to the authority must say
    notice: tuple[str, ...]  # what the notice to a person must say
    reports_to: tuple[Authority, ...]
    complaints_to: tuple[Authority, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One deadline: what has to be done, by when, and when it was ("" while it was not)."""

    what: str  # internal, regulator or persons
    due: datetime
    done: str
    state: str  # running, met, late, or not required


@cache
def authorities() -> Mapping[str, Authority]:
    """Commissioners and other authorities, by their id."""
    return {id: Authority(id=id, **told) for id, told in _data("authorities.json").items()}


@cache
def regimes() -> Mapping[str, Regime]:
    """Every regime by its id, the office's own rule first."""
    return {id: _regime(id, told) for id, told in _data("regimes.json").items()}


def _data(name: str) -> dict[str, dict[str, Any]]:
    file = resources.files("peelian.oversight.breach") / name
    found: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _regime(id: str, told: Mapping[str, Any]) -> Regime:
    lists: dict[str, Any] = {name: tuple(told[name]) for name in ("register", "report", "notice")}
    for name in ("reports_to", "complaints_to"):
        lists[name] = tuple(authorities()[one] for one in [told[name]] if one)
    plain = {key: told[key] for key in told if key != "threshold"}
    return Regime(id=id, thresholds=frozenset({told["threshold"]}), **(plain | lists))


def strictest(names: Iterable[str] = ()) -> Regime:
    """The union of the named regimes (all without a name), always with the rule of the office: the least hours, the
    most months, every threshold, every field of every register. Encryption exempts only where all of them say so.

    >>> union = strictest()
    >>> union.regulator_hours, union.records_months
    (72, 60)
    """
    known = regimes()
    wanted = tuple(names) or tuple(known)
    if stray := sorted(set(wanted) - set(known)):
        raise InputError("unknown regime", column=stray[0][:40], accepted=", ".join(sorted(known)))
    chosen = [known["office"], *(known[name] for name in wanted if name != "office")]
    return Regime(
        id="+".join(regime.id for regime in chosen),
        title="; ".join(regime.title for regime in chosen),
        source="; ".join(regime.source for regime in chosen),
        binds=next((regime.binds for regime in chosen if regime.id != "office"), "rule"),
        internal_hours=_least(regime.internal_hours for regime in chosen),
        regulator_hours=_least(regime.regulator_hours for regime in chosen),
        persons_hours=_least(regime.persons_hours for regime in chosen),
        records_months=max(regime.records_months for regime in chosen),
        thresholds=frozenset().union(*(regime.thresholds for regime in chosen)),
        encrypted_exempts=all(regime.encrypted_exempts for regime in chosen if regime.id != "office"),
        yearly_statistics=any(regime.yearly_statistics for regime in chosen),
        register=_union(regime.register for regime in chosen),
        report=_union(regime.report for regime in chosen),
        notice=_union(regime.notice for regime in chosen),
        reports_to=_union(regime.reports_to for regime in chosen),
        complaints_to=_union(regime.complaints_to for regime in chosen),
    )


def clocks(
    regime: Regime, *, aware: datetime, now: datetime, done: Mapping[str, str], harm: bool, anybody: bool = True
) -> tuple[Clock, ...]:
    """The deadlines of an incident the office is aware of since `aware`; `done` says when each was met.

    Without a real risk of harm nobody outside has to be told, and no person where `anybody` is not known to be
    concerned; the register keeps the incident all the same.
    """
    asked = {"internal": True, "regulator": harm, "persons": harm and anybody}
    hours = {
        "internal": regime.internal_hours,
        "regulator": regime.regulator_hours,
        "persons": regime.persons_hours,
    }
    return tuple(
        _clock(what, aware + timedelta(hours=limit), now, done.get(what, ""), asked[what])
        for what, limit in hours.items()
        if limit is not None
    )


def keep_until(regime: Regime, aware: datetime) -> datetime:
    """Until when the register keeps an incident; a month is counted as 31 days, so that it is never too short."""
    return aware + timedelta(days=31 * regime.records_months)


def _clock(what: str, due: datetime, now: datetime, done: str, required: bool) -> Clock:
    if done:
        state = "met" if datetime.fromisoformat(done) <= due else "late"
    elif not required:
        state = "not required"
    else:
        state = "running" if now <= due else "late"
    return Clock(what=what, due=due, done=done, state=state)


def _union(lists: Iterable[Iterable[T]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(one for every in lists for one in every))


def _least(hours: Iterable[int | None]) -> int | None:
    named = [value for value in hours if value is not None]
    return min(named) if named else None
