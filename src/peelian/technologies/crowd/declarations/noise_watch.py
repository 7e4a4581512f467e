"""The noise watch: an alarm where a place is much louder than usual."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Asks, AuthorizationKind, Need, Purpose, Role, deferred
from peelian.kernel.model.parameters import choice
from peelian.kernel.model.watch import Watch
from peelian.technologies.crowd.declarations.noise_rules import RULES
from peelian.technologies.crowd.declarations.noise_trial import covered
from peelian.technologies.crowd.declarations.runbooks import LOUD, STAY_CALM

NOISE = "noise"
WHAT = {1: "laeq_1s", 60: "laeq_1min"}


LEVELS = frozenset({"laeq", "laeq_d", "las", "lamax", "lamin", "l10", "l90", "seconds"})  # only laeq is judged


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseParams:
    """Parameters of the watch: meters of one kind."""

    period_seconds: int = choice(1, "Seconds between two levels", tuple(RULES), "s")


NOISE_WATCH = Watch(
    id="crowd.noise",
    title="Noise watch",
    about="Raises an alarm when a place stays much louder than in its last hour. It uses sound levels, never sound.",
    asks=Asks(
        params=NoiseParams,
        purposes=frozenset({Purpose.SAFETY}),
        askers=frozenset({Role.ANALYST, Role.COMMANDER}),
        deciders=frozenset({Role.DISPATCHER}),
        days=365,
    ),
    takes=dict.fromkeys(WHAT.values(), LEVELS),
    signals={NOISE: frozenset({"above_db", "l90_db", "background_db"})},
    window_seconds=30.0,
    needs=(
        Need(kind=AuthorizationKind.COUNCIL_APPROVAL),
        Need(kind=AuthorizationKind.IMPACT_ASSESSMENT),
        Need(kind=AuthorizationKind.ACCURACY_REPORT, covers=covered),
    ),
    titles={
        NOISE: "Much louder than usual",
        WHAT[1]: "sound level (1 second)",
        WHAT[60]: "sound level (1 minute)",
    },
    fact_titles={
        "above_db": "%(value)s dB above background",
        "l90_db": "%(value)s dB now (L90)",
        "background_db": "background %(value)s dB",
    },
    shows=frozenset({"above_db"}),
    runbooks={NOISE: LOUD},
    messages={NOISE: STAY_CALM},
    raised_by=lambda params: {WHAT[params.period_seconds]: frozenset({"laeq"})},
    reducer=deferred("peelian.technologies.crowd.noise_watch:REDUCER"),
)
