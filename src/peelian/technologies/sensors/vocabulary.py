"""Message ids and vocabulary of the sensor report."""

from __future__ import annotations

PEOPLE, VEHICLES, OCCUPANTS, NOISE, ENERGY = "people", "vehicles", "occupants", "noise", "energy"
MEASURES = (PEOPLE, VEHICLES, OCCUPANTS, NOISE, ENERGY)
SHOWN, UNDER, TOO_FEW = "shown", "under-15", "too-few-homes"
COUNTED = (PEOPLE, VEHICLES, OCCUPANTS)
VOCABULARY = frozenset({*MEASURES, SHOWN, UNDER, TOO_FEW})

READ = (
    "%(windows)d time %(windows:window|windows) from %(places)d %(places:place|places) on %(days)d %(days:day|days), "
    "%(first)s to %(last)s."
)
HIDDEN = "%(n)d of %(all)d daily counts are under 15 and shown as <15."
BUSIEST = "Largest daily count: %(n)d, on %(day)s."
LOUDEST = "Loudest day: mean level (Leq) %(level).1f dB(A), on %(day)s."
ENERGY_SHOWN = (
    "Public energy figures: %(shown)d of %(all)d area-days, of which merged with a neighbouring area: "
    "%(merged)d. The others have too few homes, or one home above 15%%."
)
EVENTS = "Someone who passes twice counts twice. Noise hides single events, not habits."
DECLARED_HOMES = (
    "The number of homes in an area is what two people stated in the register of labels. The share of the largest user "
    "was declared by the person who admitted the data or registered the sensor. Neither was measured."
)
DECLARED = "%(homes)d homes per row, at most as many as two people stated of this area. The file does not state it."
NO_CAUSE = "Levels and counts show how loud or busy a place was, not why and not who was there."
WITH_NOISE = (
    "Counts of people and vehicles are public with noise only, day by day, in the register of sensors. An exact count "
    "beside them would tell the noise."
)
SUMMED = "Readings are summed over at least 15 minutes before they are kept. This report contains no single readings."
MESSAGES = frozenset(
    {READ, HIDDEN, BUSIEST, LOUDEST, ENERGY_SHOWN, DECLARED_HOMES, EVENTS, NO_CAUSE, SUMMED, WITH_NOISE}
)
