"""Expected errors of a threshold in use: false alerts per day, and the share of searches returning somebody."""

from __future__ import annotations

import math
from dataclasses import dataclass

MEASURED_PRICE, MODELLED_PRICE, NO_PRICE = "measured on searches", "modelled from FMR and gallery size", "not known"
BASES = (MEASURED_PRICE, MODELLED_PRICE, NO_PRICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Planned use: searches per day, people enrolled, share of searches for an enrolled person."""

    searches_per_day: float
    gallery: int
    mated_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """False alerts a day (searches that return at least one wrong person), and the share of searches with anybody."""

    false_alerts_per_day: float
    searches_with_candidate: float
    basis: str


def fpir_from_fmr(fmr: float, gallery: int) -> float:
    """The chance that a search of somebody who is not enrolled returns anybody: 1 - (1 - FMR)^N (ISO/IEC 19795-1).

    A model: it takes comparisons as independent and every enrolled person as equally confusable.

    >>> round(fpir_from_fmr(1e-5, 10_000), 4)
    0.0952
    """
    if not math.isfinite(fmr):
        return math.nan
    return 1.0 if fmr >= 1 else -math.expm1(gallery * math.log1p(-fmr))


def price(operation: Operation, *, fpir: float, fnir: float, basis: str) -> Price:
    """Expected errors of a threshold from its identification error rates.

    Every search may return wrong people, that of an enrolled person too; nan where a rate is not known.

    >>> made = price(Operation(searches_per_day=50, gallery=10_000, mated_share=0.2), fpir=0.1, fnir=0.05, basis="")
    >>> made.false_alerts_per_day, round(made.searches_with_candidate, 3)
    (5.0, 0.271)
    """
    returned = 1 - fnir * (1 - fpir)
    share = operation.mated_share * returned if operation.mated_share else 0.0
    return Price(
        false_alerts_per_day=operation.searches_per_day * fpir,
        searches_with_candidate=share + (1 - operation.mated_share) * fpir,
        basis=basis if math.isfinite(fpir) else NO_PRICE,
    )


def one_in(rate: float) -> float:
    """In how many comparisons one error is expected, to three significant digits; nan for a rate of 0.

    >>> one_in(1e-4), one_in(0.000123456), one_in(0.0)
    (10000.0, 8100.0, nan)
    """
    return float(f"{1 / rate:.3g}") if rate > 0 else math.nan
