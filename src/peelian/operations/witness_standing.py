"""Witness standing: who vouches for an office's log besides its own key, since when, and what to do where nobody does.

The home page and `peelian doctor` say it in the same words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from peelian.errors import PeelianError, sentence
from peelian.integrations.witness_objection import objection
from peelian.storage.office_settings import read_settings, witness_of, witness_word

if TYPE_CHECKING:
    from peelian.operations.office import Office

LATE = timedelta(days=1)
RUN_ONE = (
    "The oversight board can run a witness on its own machine (`peelian machine run-witness`). Then choose it under "
    "Tasks, or with `peelian oversight choose-witness`."
)
ASK = "Check that the witness runs and can be reached, then run `peelian machine ask-witness`."
HERE = (
    "This witness answers on the office's own machine. Whoever administers that machine can make it cosign a rewritten "
    "log: let the oversight board run it elsewhere."
)
NOBODY = (
    "The log has no witness: it is checked against its own key only. Whoever has that key can rewrite the log, or put "
    "an old copy back, unnoticed."
)
EXPLAIN = "Find out who changed it, and restore it. Two people can choose another under Tasks."


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessStanding:
    """The witness of a log, what it cosigned last and when, what to tell people, and what to do ("": nothing)."""

    vouches: bool  # False: the log is checked against its own key only
    says: str
    remedy: str = ""
    name: str = ""  # "": none was chosen
    size: int = 0
    at: datetime | None = None


def witness_standing(office: Office) -> WitnessStanding:
    """How it stands now, as far as the office knows without asking the witness."""
    status, maintenance = office.kernel.state.duties, office.maintenance
    if maintenance is None or (maintenance.log is None and not status.chosen):
        return WitnessStanding(vouches=False, says=NOBODY, remedy=RUN_ONE)
    if maintenance.log is None:
        return _at_a_registrar(status.chosen, status.witness)
    witness = maintenance.witness
    if status.chosen != witness_word(witness):
        says = (
            "The witness in office.toml is not the chosen one: the settings were changed by hand. Until that is "
            "explained, the log is checked against its own key only."
        )
        return WitnessStanding(vouches=False, says=says, remedy=EXPLAIN)
    if witness is None:
        return WitnessStanding(vouches=False, says=NOBODY, remedy=RUN_ONE)
    if office.path is not None and objection(office.path):
        says = "Witness %(name)s objects: this log was rewritten or set back. The office has stopped."
        return WitnessStanding(
            vouches=False,
            says=sentence(says, name=witness.key.name),
            remedy="Rely on nothing that was logged since, until the witness cosigns again.",
            name=witness.key.name,
        )
    standing = standing_of(witness.key.name, maintenance.log.witnessed(witness.key), office.kernel.now())
    return replace(standing, remedy=HERE) if standing.vouches and _is_here(witness.url) else standing


def standing_of(name: str, last: tuple[int, datetime] | None, now: datetime) -> WitnessStanding:
    """Of a chosen witness: `last` is how many entries it cosigned, and when it says that it did."""
    if last is None:
        says = "Witness %(name)s has never cosigned. Until it does, the log is checked against its own key only."
        return WitnessStanding(vouches=False, says=sentence(says, name=name), remedy=ASK, name=name)
    size, at = last
    said = {"name": name, "at": f"{at:%Y-%m-%d %H:%M}", "n": size}
    if now - at > LATE:
        says = (
            "Witness %(name)s last cosigned on %(at)s UTC, %(n)d entries. Since then, for more than a day, the log is "
            "checked against its own key only."
        )
        return WitnessStanding(vouches=False, says=sentence(says, **said), remedy=ASK, name=name, size=size, at=at)
    says = sentence("Witness %(name)s last cosigned on %(at)s UTC, %(n)d entries.", **said)
    return WitnessStanding(vouches=True, says=says, name=name, size=size, at=at)


def _is_here(url: str) -> bool:
    """Whether an address is this machine's own: its administrator has the witness's key, too."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def chosen_key(office: Path) -> str:
    """The key line of the witness that the settings of the office at `office` name; "" where they name none."""
    try:
        witness = witness_of(read_settings(office))
    except PeelianError:
        return ""
    return witness.key.text if witness else ""


def _at_a_registrar(chosen: str, said: str) -> WitnessStanding:
    if said == "WITNESSED":
        says = sentence("A registrar holds this log. Its witness %(name)s cosigned when asked last.", name=chosen)
        return WitnessStanding(vouches=True, says=says, name=chosen)
    says = (
        "A registrar holds this log. Its witness %(name)s does not cosign at present. Until it does, the log is "
        "checked against its own key only."
    )
    return WitnessStanding(vouches=False, says=sentence(says, name=chosen), remedy=ASK, name=chosen)
