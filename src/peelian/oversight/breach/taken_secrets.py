"""Taken secrets: each secret in what was taken, by its name and fingerprint, and whether it was replaced since.

The log itself tells whether most of them are replaced, so nobody ticks that off. Of a password at another server a
person states it, signed, with the day. While one is not replaced, the incident is not contained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from peelian.errors import InputError, OutOfOrder, Refused, sentence
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.state.kernel import Kernel

LOG, TOKENS, RING, PROVENANCE = "log key", "token key", "key ring", "provenance key"
PERSON, ADDRESS, OTHER = "signing key of a person", "address of a database", "other key"
SESSIONS, NAMED, WORKING = "open sessions", "named by a person", "working key"
LONGEST_PLACE, FEWEST_WORDS = 120, 3
REMEDIES: Mapping[str, str] = {
    RING: "Rotate the keys (`peelian key rotate`), then encrypt anew what it opens (`peelian breach contain`).",
    LOG: "Replace it: `peelian key log`.",
    TOKENS: "Nothing replaces it. Whoever has it can link a known name to entries of the log (docs/limits.md).",
    PROVENANCE: "Replace it: `peelian key provenance --replace`.",
    WORKING: "Replace it: `peelian key working`. Then give each sensor that posts by HTTP its new key.",
    PERSON: "Replace all: `peelian key people`. Or close the account and enrol this person again with a new key.",
    ADDRESS: "Change the password at the server, then in office.toml. State it: `peelian breach secret`.",
    OTHER: "Replace it where it was made, then here. State it: `peelian breach secret`.",
    SESSIONS: "End the sessions: `peelian breach contain`, or stop the pages and log on anew.",
    NAMED: "Replace it where it was made. State it: `peelian breach secret`.",
}
"""What to do about each kind of secret."""
STAY = frozenset({TOKENS})
"""What nothing replaces: it keeps an incident from being contained, and not from being closed."""
STATED = frozenset({ADDRESS, OTHER, NAMED})
"""Of what a person states that it was replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenSecret:
    """A secret in what was taken: its kind, where it lay there, and its fingerprint, "" where it has none that tells
    nothing of it. `size` is how long the log was when it was looked for; `replaced_at` and `how` are a statement."""

    kind: str
    place: str
    mark: str = ""
    in_use: bool = True
    size: int = 0
    found_at: str = ""
    replaced_at: str = ""
    how: str = ""

    @property
    def is_stated(self) -> bool:
        """Whether a person states that it was replaced, since the log cannot tell."""
        return self.kind in STATED or (self.kind in (LOG, PROVENANCE, PERSON) and not self.mark)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a taken secret stands now: "replaced", "in_use", or "stays" where nothing replaces it; and what to do."""

    secret: TakenSecret
    state: str
    remedy: str = ""


def found_again(known: Sequence[TakenSecret], found: Iterable[Mapping[str, Any]], at: str) -> tuple[TakenSecret, ...]:
    """The secrets of an incident with what was found now: what is found in use once more is in use, whatever a person
    stated. InputError: no secret is named, or under no kind that is known."""
    names, made = {one.name for one in fields(TakenSecret)} - {"found_at", "replaced_at", "how"}, {}
    for one in known:
        made[one.kind, one.place, one.mark] = one
    new = [TakenSecret(**{name: one[name] for name in names & one.keys()}, found_at=at) for one in found]
    if not new or any(one.kind not in REMEDIES or not one.place.strip() for one in new):
        raise InputError("no secret named", column="secret", accepted="its name, never the secret itself")
    for one in new:
        made[one.kind, one.place, one.mark] = one
    return tuple(made.values())


def stated(known: Sequence[TakenSecret], place: str, how: str, at: str) -> tuple[TakenSecret, ...]:
    """The secrets of an incident once a person states how the one in a place was replaced. InputError: there is no such
    one, or nothing is stated. OutOfOrder: the log tells by itself."""
    if place not in {one.place for one in known}:
        accepted = "a secret that the incident names; name it first"
        raise InputError("no such secret in what was taken", column="secret", accepted=accepted)
    if len(how.split()) < FEWEST_WORDS:
        accepted = sentence("at least %(least)d words", least=FEWEST_WORDS)
        raise InputError("no statement of how it was replaced", column="replaced", accepted=accepted)
    if any(one.place == place and not one.is_stated for one in known):
        raise OutOfOrder("The log tells by itself whether this secret was replaced. No statement is needed.")
    return tuple(replace(one, replaced_at=at, how=how) if one.place == place else one for one in known)


def secrets_standing(kernel: Kernel, secrets: Sequence[TakenSecret]) -> tuple[Standing, ...]:
    """How each stands now, as the log has it. O(secrets + replacements + sessions)."""
    return tuple(_stands(kernel, one) for one in secrets)


def is_contained(stand: Iterable[Standing]) -> bool:
    """Whether every secret was replaced."""
    return all(one.state == "replaced" for one in stand)


def must_be_replaced(kernel: Kernel, secrets: Sequence[TakenSecret]) -> None:
    """Refused while a secret is in use that can be replaced, with what to do about each."""
    if reasons := [
        refusal(
            "what_was_taken_is_replaced", sentence("%(place)s is still in use.", place=one.secret.place), one.remedy
        )
        for one in secrets_standing(kernel, secrets)
        if one.state == "in_use"
    ]:
        raise Refused(reasons)


def _stands(kernel: Kernel, secret: TakenSecret) -> Standing:
    if _is_replaced(kernel, secret):
        return Standing(secret=secret, state="replaced")
    state = "stays" if secret.kind in STAY else "in_use"
    return Standing(secret=secret, state=state, remedy=REMEDIES[secret.kind])


def _is_replaced(kernel: Kernel, secret: TakenSecret) -> bool:
    if not secret.in_use:
        return True
    if secret.is_stated:
        return bool(secret.replaced_at)
    return secret.kind in _BY_THE_LOG and _BY_THE_LOG[secret.kind](kernel, secret)


def _log_key(kernel: Kernel, secret: TakenSecret) -> bool:
    return any(entry["old"] == secret.mark for entry in kernel.state.duties.log_keys)


def _provenance(kernel: Kernel, secret: TakenSecret) -> bool:
    return any(one["old"] == secret.mark for _, one in kernel.stores.log.read(kinds=["PROVENANCE_REPLACED"]))


def _working(kernel: Kernel, secret: TakenSecret) -> bool:
    return any(one["old"] == secret.mark for _, one in kernel.stores.log.read(kinds=["WORKING_KEY_REPLACED"]))


def _ring(kernel: Kernel, secret: TakenSecret) -> bool:
    return any(index >= secret.size for index, _ in kernel.stores.log.read(kinds=["ROTATED"]))


def _person(kernel: Kernel, secret: TakenSecret) -> bool:
    return all(person.public_key != secret.mark for person in kernel.state.people.values())


def _sessions(kernel: Kernel, secret: TakenSecret) -> bool:
    return not sessions_open_of(kernel, int(secret.mark))


def sessions_open_of(kernel: Kernel, size: int) -> bool:
    """Whether a session that began in the log's first entries, up to this size, is open still. O(sessions)."""
    seated = kernel.state.seated
    began = kernel.stores.log.read(kinds=["SESSION_BEGAN"])
    return any(index < size and str(entry["session"]) in seated for index, entry in began)


_BY_THE_LOG: Mapping[str, Callable[[Kernel, TakenSecret], bool]] = {
    LOG: _log_key,
    RING: _ring,
    WORKING: _working,
    PROVENANCE: _provenance,
    PERSON: _person,
    SESSIONS: _sessions,
}
