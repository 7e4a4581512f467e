"""Rolling origins: forecasts made one after the other, each trained on what was before and scored on what came."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.errors import InputError, NotEnoughData, sentence

NO_ROOM = "Not enough data: %(n)d windows of %(days)g days in the recording, %(needed)d needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """One forecast: made at `origin`, from records before `train_until`, for [origin, until). Hours since 1970."""

    origin: float
    train_until: float
    until: float


def rolling_origins(
    span: tuple[float, float],
    *,
    window_hours: float,
    origins: int,
    first_origin: float | None = None,
    embargo_hours: float = 0.0,
) -> tuple[Fold, ...]:
    """`origins` folds whose windows follow one another without overlap, within a recording `span` (from, until).

    Without `first_origin` they are the last ones of the span. The training history expands with each origin and ends
    `embargo_hours` before it, so that incidents not yet fully recorded are no quiet spell (Hyndman and Athanasopoulos
    2021, section 5.10; de Prado 2018, chapter 7 for the embargo).

    >>> [(f.origin, f.until) for f in rolling_origins((0.0, 100.0), window_hours=10.0, origins=2)]
    [(80.0, 90.0), (90.0, 100.0)]
    """
    start, stop = span
    if window_hours <= 0 or origins < 1 or embargo_hours < 0:
        raise InputError("a rolling origin needs a window and at least one origin", accepted="numbers above 0")
    first = stop - origins * window_hours if first_origin is None else first_origin
    if first <= start or first + origins * window_hours > stop:
        fit = max(int((stop - max(first, start)) // window_hours), 0)
        raise NotEnoughData(
            sentence(NO_ROOM, days=window_hours / 24, needed=origins, n=fit),
            accepted="fewer or shorter windows, another first origin or a longer recording",
        )
    return tuple(
        Fold(
            origin=first + k * window_hours,
            train_until=first + k * window_hours - embargo_hours,
            until=first + (k + 1) * window_hours,
        )
        for k in range(origins)
    )
