"""Continue an earlier seal: a new seal keeps the windows sealed before it and the times of sealing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Dataset, Scalar
from peelian.measure.projection import Projection
from peelian.technologies.mapping.days import day_of
from peelian.technologies.mapping.ground import Town
from peelian.technologies.mapping.incidents import Incidents
from peelian.technologies.mapping.sealed_forecasts import Part, SealedForecasts, read_sealed

SAME = ("category", "cell_metres", "window_days", "model", "train_from", "shifts", "shift")


def opened(dataset: Dataset) -> SealedForecasts:
    """The sealed forecasts of a dataset; InputError where it holds none."""
    if dataset.stream is None:
        raise InputError("not a sealed forecast", accepted="a dataset from mapping.seal")
    return read_sealed(dataset.stream)


def sealed_on(dataset: Dataset) -> str:
    """When the log first held this dataset (ISO, UTC); "" where that is not in the log that came with it."""
    made = [str(moment.entry["t"]) for moment in dataset.history if moment.entry.get("kind") == "DERIVED"]
    return made[-1] if made else ""


def on_their_map(found: Incidents, dataset: Dataset, sealed: SealedForecasts) -> Incidents:
    """Incidents of a later recording carried to the map that the sealed forecasts lie on. O(n)."""
    theirs = Projection(**{name: float(dataset.facts[name]) for name in ("centre_lon", "centre_lat")})
    if theirs == sealed.projection:
        return found
    if dataset.counts is not None:  # their half cells are not those of the sealed grid
        accepted = "a dataset with the centre of the sealed forecasts"
        raise InputError("counted incidents cannot be carried to a map with another centre", accepted=accepted)
    east, north = sealed.projection.to_metres(*theirs.to_degrees(found.east, found.north))
    return replace(found, east=east, north=north)


def on_their_ground(town: Town, dataset: Dataset, earlier: SealedForecasts) -> Town:
    """The town on the earlier seal's grid: a trial is scored on one."""
    return replace(town, incidents=on_their_map(town.incidents, dataset, earlier), grids=(earlier.grid,))


def refuse_other(earlier: SealedForecasts, now: SealedForecasts) -> None:
    """InputError where the new forecasts could not be scored as one trial with the earlier ones."""
    wrong = [name for name in SAME if earlier.facts.get(name) != now.facts.get(name)]
    wrong += ["models"] if earlier.models != now.models else []
    wrong += ["criteria"] if dict(earlier.criteria) != dict(now.criteria) else []
    if wrong:
        says = sentence("the earlier seal differs in: %(names)s", names=", ".join(wrong))
        accepted = "the same category, cell, window, models, history and criteria, or a separate seal"
        raise InputError(says, accepted=accepted)
    begins, ends = earlier.start_hour, earlier.start_hour + earlier.expected.shape[1] * earlier.hours
    if not begins < now.start_hour <= ends or (now.start_hour - begins) % earlier.hours:
        days = [day_of(begins + k * earlier.hours) for k in (1, earlier.expected.shape[1])]
        accepted = sentence(
            "a start_day from %(first)s to %(last)s, a whole number of windows after %(begins)s",
            first=days[0],
            last=days[1],
            begins=day_of(begins),
        )
        raise InputError("the new windows do not follow those sealed earlier", accepted=accepted)


def carried_on(earlier: SealedForecasts, now: SealedForecasts, dataset: Dataset) -> SealedForecasts:
    """Both as one: each window as it was sealed last before it, and when the earlier ones were sealed.

    The rule is fixed beforehand: from the day on which the new forecasts begin, they hold.
    """
    refuse_other(earlier, now)
    kept = round((now.start_hour - earlier.start_hour) / earlier.hours)
    begins = [part.start_hour for part in earlier.parts] + [earlier.last_start_hour]
    dates = [part.sealed_on for part in earlier.parts] + [sealed_on(dataset)]
    parts = tuple(Part(start_hour=begin, sealed_on=day) for begin, day in zip(begins, dates, strict=True))
    facts: Mapping[str, Scalar] = {**now.facts, "start_hour": earlier.start_hour}
    return replace(
        now,
        expected=np.concatenate([earlier.expected[:, :kept], now.expected], axis=1),
        shape=np.concatenate([earlier.shape[:, :kept], now.shape], axis=1),
        facts=facts,
        parts=tuple(part for part in parts if part.start_hour < now.start_hour),
        last_start_hour=now.start_hour,
    )


def all_parts(sealed: SealedForecasts, dataset: Dataset) -> Sequence[Part]:
    """Every part of a trial with when it was sealed: the earlier ones as the file says, the last as the log says."""
    return (*sealed.parts, Part(start_hour=sealed.last_start_hour, sealed_on=sealed_on(dataset)))
