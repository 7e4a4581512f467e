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
NO_CAUSE = "A level or a count says that something was loud or busy, not why, and nothing about who was there."
SUMMED = "Windows of less than 15 minutes were summed before they were kept; no single reading is in this report."
MESSAGES = frozenset({READ, HIDDEN, BUSIEST, LOUDEST, ENERGY_SHOWN, EVENTS, NO_CAUSE, SUMMED})
