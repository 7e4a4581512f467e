"""Sentences and words of the report on counts: message ids, and the words its tables may hold."""

from __future__ import annotations

PEOPLE, VEHICLES, OCCUPANTS, NOISE, ENERGY = "people", "vehicles", "occupants", "noise", "energy"
MEASURES = (PEOPLE, VEHICLES, OCCUPANTS, NOISE, ENERGY)
SHOWN, UNDER, TOO_FEW = "shown", "under-15", "too-few-homes"
COUNTED = (PEOPLE, VEHICLES, OCCUPANTS)
VOCABULARY = frozenset({*MEASURES, SHOWN, UNDER, TOO_FEW})

READ = "%(windows)d windows of %(places)d places on %(days)d days were read, from %(first)s to %(last)s."
HIDDEN = "%(n)d of %(all)d daily counts are under 15 and are shown as <15."
BUSIEST = "The largest daily count is %(n)d, on %(day)s."
LOUDEST = "The loudest day had a mean level of %(level).1f dB(A), on %(day)s."
ENERGY_SHOWN = (
    "In public, energy is shown for %(shown)d of %(all)d days of areas, %(merged)d times merged with a neighbour: the "
    "others have too few homes, or one home above 15 %%."
)
EVENTS = (
    "A count is of events: who passes twice is counted twice, and only single events are hidden by noise, never a "
    "person's habit."
)
DECLARED_HOMES = (
    "How many homes are behind the energy, and the share of the one that uses most, are as declared by the named "
    "person who admitted the data or registered the sensor. Nobody has measured it."
)
DECLARED = "%(homes)d homes behind every row, as declared by whoever admits this file: the file itself does not say."
FEW_FOR_IT = (
    "That is %(kwh).3f kWh for each declared home and hour. One home in use takes about 1, so the file looks as if far "
    "fewer homes were behind it: compare the declaration with the supplier's list before anything is shown."
)
NO_CAUSE = "A level or a count says that something was loud or busy, not why, and nothing about who was there."
SUMMED = "Windows of less than 15 minutes were summed before they were kept; no single reading is in this report."
MESSAGES = frozenset({READ, HIDDEN, BUSIEST, LOUDEST, ENERGY_SHOWN, DECLARED_HOMES, EVENTS, NO_CAUSE, SUMMED})
