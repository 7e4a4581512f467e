"""A seal holds every model's forecast of windows to come; a window that has begun is a back-test, not a trial."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.kernel.model.capability import AuthorizationKind, Context
from peelian.technologies.mapping.declarations.sealing import SEAL
from peelian.technologies.mapping.sealed_forecasts import read_sealed
from peelian.technologies.mapping.sealing import SAME_FORECASTS, run, sealing_example

EXAMPLE = sealing_example()


def sealed(**changes):  # type: ignore[no-untyped-def]
    """Findings, and the bytes that were sealed."""
    kept = io.BytesIO()

    @contextmanager
    def make(role: str):  # type: ignore[no-untyped-def]
        assert role == "sealed"
        yield kept

    context = Context(seed=1, progress=lambda says, share: None, authorizations=dict(EXAMPLE.authorizations), make=make)
    found = run(replace(EXAMPLE.params, **changes), EXAMPLE.datasets, context)
    return found, io.BytesIO(kept.getvalue())


def test_what_is_sealed_is_every_models_forecast_of_every_window() -> None:
    found, file = sealed()
    made = read_sealed(file)
    assert made.models == ("long_run", "uniform", "decayed") and made.expected.shape[1] == 4
    assert made.criteria == dict(EXAMPLE.authorizations[AuthorizationKind.ACCEPTANCE_CRITERIA])
    assert made.facts["model"] == "decayed" == found.facts["model"]
    weekly = made.expected.sum(axis=2)
    assert np.all((weekly > 15) & (weekly < 45))  # 3,000 incidents in 104 weeks


def test_no_finding_gives_a_forecast_away() -> None:
    found, _ = sealed()
    assert [table.name for table in found.tables] == ["sealed"]
    assert {column.name for column in found.tables[0].columns} == {"model", "digest"}
    assert not any("expected" in name for name in found.facts)
    assert any(note.text == SAME_FORECASTS for note in found.notes)


def test_the_digest_is_that_of_the_forecasts() -> None:
    (one, _), (same, _), (other, _) = sealed(), sealed(), sealed(windows=5)
    digests = [found.table("sealed")["digest"].tolist() for found in (one, same, other)]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"start_day": "2019-12-01"}, "before the recording ends"),
        ({"start_day": "2020-06-01"}, "recording ends"),
        ({"model": "risk_terrain"}, "needs landmarks"),
    ],
)
def test_what_is_no_trial_is_refused(changes: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        sealed(**changes)


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"windows": 0}, "windows"), ({"windows": 53}, "windows"), ({"start_day": "soon"}, "start_day")],
)
def test_impossible_parameters_are_refused(changes: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        SEAL.asks.check(replace(EXAMPLE.params, **changes))
