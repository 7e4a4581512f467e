"""Tallies the tests of this room share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import as_file, files
from typing import Any

import numpy as np
import pytest

from peelian.intake.read import admitted
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.kernel.model.formats import Admitted
from peelian.measure.table import Column, Kind, Table, table
from peelian.technologies.risk.audit import case as auditing
from peelian.technologies.risk.audit.case import compas
from peelian.technologies.risk.audit.case import run as audit
from peelian.technologies.risk.audit.conclusions import Found
from peelian.technologies.risk.audit.declared import AuditParams
from peelian.technologies.risk.formats.tally import FORMATS

EXAMPLES = files("peelian.technologies.risk") / "examples"
Rows = Sequence[tuple[Any, ...]]
MakeTally = Callable[..., Table]
Audit = Callable[..., Findings]


def tally_of(
    rows: Rows, axes: Sequence[str] = (), extra: Mapping[str, tuple[Kind, Sequence[Any]]] | None = None
) -> Table:
    """A tally from rows (score, outcome, n, group…)."""
    columns = list(zip(*rows, strict=True))
    made: dict[str, tuple[Kind, Any]] = {
        "score": (Kind.AMOUNT, np.array(columns[0], dtype=float)),
        "outcome": (Kind.COUNT, np.array(columns[1])),
        "n": (Kind.COUNT, np.array(columns[2])),
    }
    for name, values in zip(axes, columns[3:], strict=True):
        made[name] = (Kind.GROUP, np.array(values, dtype=object))
    return table("tally", made | dict(extra or {}))


def example_file(name: str, options: Mapping[str, str] | None = None) -> Admitted:
    """One of the shipped files through the door in."""
    with as_file(EXAMPLES / name) as path:
        return admitted(path, "auto", FORMATS, options or {})[1]


def audited(tally: Table, params: AuditParams | None = None, seed: int = 7) -> Findings:
    """The audit of a tally."""
    dataset = Dataset(id="t", format="risk-tally", digest="", table=tally)
    context = Context(seed=seed, progress=lambda says, share: None)
    return audit(params or AuditParams(bootstraps=100), {"tally": dataset}, context)


@pytest.fixture(scope="session")
def make_tally() -> MakeTally:
    return tally_of


@pytest.fixture(scope="session")
def run_audit() -> Audit:
    return audited


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Found]:
    """What an audit computed, before its notes are drawn."""
    kept: list[Found] = []
    monkeypatch.setattr(auditing, "conclusions", lambda found: kept.append(found) or ())

    def compute(tally: Table, params: AuditParams | None = None) -> Found:
        audited(tally, params or AuditParams(cut=5, reference=("Caucasian",), bootstraps=100))
        return kept[-1]

    return compute


@pytest.fixture(scope="session")
def race() -> Table:
    """COMPAS by race."""
    return compas()


@pytest.fixture(scope="session")
def crossed() -> Table:
    """COMPAS by race, sex and age band, with two features."""
    return example_file("compas_two_year_tally.csv").table


@pytest.fixture(scope="session")
def crossed_dataset() -> Dataset:
    """The same, with the facts recorded at the door."""
    taken = example_file("compas_two_year_tally.csv")
    return Dataset(id="c", format="compas-tally", digest="", table=taken.table, facts=taken.facts)


@pytest.fixture(scope="session")
def windowed() -> Table:
    """COMPAS by race with who was watched for the whole window."""
    return example_file("compas_counts_race.csv").table


@pytest.fixture(scope="session")
def found(crossed: Table) -> Findings:
    """The audit of the crossed tally."""
    return audited(crossed, AuditParams(cut=5, reference=("Caucasian",), bootstraps=200))


@pytest.fixture(scope="session")
def with_column() -> Callable[[Table, str, Kind, Any], Table]:
    def added(tally: Table, name: str, kind: Kind, values: Any) -> Table:
        kept = tuple(c for c in tally.columns if c.name != name)
        return Table(name=tally.name, columns=(*kept, Column(name=name, kind=kind, values=np.asarray(values))))

    return added
