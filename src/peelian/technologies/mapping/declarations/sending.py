"""How patrols follow an estimate, and how the estimate is made."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Way(StrEnum):
    """How the record is read before patrols follow it."""

    NAIVE = "naive"  # as it is
    CORRECTED = "corrected"  # discoveries by inverse chance of the patrol, some patrols anywhere
    SURVEYED = "surveyed"  # reports only, divided by the share that a survey says is reported


class Sending(StrEnum):
    """How patrols follow an estimate."""

    PROPORTIONAL = "proportional"  # each patrol at random, by the estimated share
    TOP = "top"  # one patrol to each of the highest


SENDING: Mapping[str, str] = {
    str(Sending.PROPORTIONAL): "proportional to the estimate",
    str(Sending.TOP): "highest areas only",
}
