"""Message ids and vocabulary of the sensor report."""

from __future__ import annotations

PEOPLE, VEHICLES, OCCUPANTS, NOISE, ENERGY = "people", "vehicles", "occupants", "noise", "energy"
MEASURES = (PEOPLE, VEHICLES, OCCUPANTS, NOISE, ENERGY)
SHOWN, UNDER, TOO_FEW = "shown", "under-15", "too-few-homes"
COUNTED = (PEOPLE, VEHICLES, OCCUPANTS)
VOCABULARY = frozenset({*MEASURES, SHOWN, UNDER, TOO_FEW})

READ = "%(windows)d time windows from %(places)d places on %(days)d days, %(first)s to %(last)s."
HIDDEN = "%(n)d of %(all)d daily counts are under 15 and shown as <15."
BUSIEST = "Largest daily count: %(n)d, on %(day)s."
LOUDEST = "Loudest day: mean level (Leq) %(level).1f dB(A), on %(day)s."
ENERGY_SHOWN = (
    "Public energy figures: %(shown)d of %(all)d area-days, of which merged with a neighbouring area: "
    "%(merged)d. The others have too few homes, or one home above 15%%."
)
EVENTS = "Someone who passes twice counts twice. Noise hides single events, not habits."
DECLARED_HOMES = (
    "The number of homes, and the share of the largest user, were declared by the person who admitted the "
    "data or registered the sensor. They were not measured."
)
DECLARED = "%(homes)d homes per row, as declared by the person admitting this file. The file does not state it."
FEW_FOR_IT = (
    "That is %(kwh).3f kWh per declared home and hour. An occupied home uses about 1, so the file may "
    "cover far fewer homes. Compare the declaration with the supplier's list before showing anything."
)
NO_CAUSE = "Levels and counts show how loud or busy a place was, not why and not who was there."
SUMMED = "Readings are summed over at least 15 minutes before they are kept. This report contains no single readings."
MESSAGES = frozenset({READ, HIDDEN, BUSIEST, LOUDEST, ENERGY_SHOWN, DECLARED_HOMES, EVENTS, NO_CAUSE, SUMMED})
