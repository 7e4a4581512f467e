"""Predictive mapping: expected reported incidents by cell and window, back-tested, with exposure by group."""

from peelian.kernel.model.capability import deferred
from peelian.kernel.model.technology import RecordWords, Technology, Trial
from peelian.technologies.mapping.declarations.advising import LIMITS
from peelian.technologies.mapping.declarations.backtest import BACKTEST
from peelian.technologies.mapping.declarations.counting import COUNTS
from peelian.technologies.mapping.declarations.evaluation import EVALUATE, PLAN
from peelian.technologies.mapping.declarations.forecast import FORECAST
from peelian.technologies.mapping.declarations.hotspots import HOTSPOTS
from peelian.technologies.mapping.declarations.nearness import KNOX
from peelian.technologies.mapping.declarations.scanning import SCAN
from peelian.technologies.mapping.declarations.scoring import SCORE
from peelian.technologies.mapping.declarations.sealing import SEAL
from peelian.technologies.mapping.declarations.streets import STREETS
from peelian.technologies.mapping.declarations.stressing import STRESS
from peelian.technologies.mapping.declarations.trends import TRENDS
from peelian.technologies.mapping.declarations.vendor import VENDOR


def _trial() -> Trial:
    from peelian.technologies.mapping.trial import TRIAL

    return TRIAL


TECHNOLOGY = Technology(
    id="mapping",
    title="Predictive mapping",
    capabilities=(
        BACKTEST,
        SEAL,
        SCORE,
        FORECAST,
        LIMITS,
        KNOX,
        SCAN,
        STRESS,
        VENDOR,
        COUNTS,
        TRENDS,
        HOTSPOTS,
        STREETS,
        PLAN,
        EVALUATE,
    ),
    formats=deferred("peelian.technologies.mapping.formats:FORMATS"),
    trial=_trial,
    impersonal=frozenset({"predictions", "areas", "streets", "landmarks", "sealed_forecasts"}),
    records={"incidents": RecordWords(many="incidents reported to the police")},
)
