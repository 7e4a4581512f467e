"""Authentication at the pages: login codes, passkeys and the city's provider, read from log-on.toml.

    address = "https://peelian.town.example"   # the one address of the pages, where they are not of this machine only
    idle_minutes = 10
    longest_hours = 8

    [provider]
    name = "City of Example"
    issuer = "https://login.town.example"
    client = "peelian"

    [provider.people]
    "248289761001" = "clerk"

The provider's client secret, where it gives one, lies in keys/provider.secret, for its owner only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.errors import InputError, OutOfOrder, Refused, sentence
from peelian.integrations.login_codes import Passes
from peelian.integrations.oidc import Provider, is_safe
from peelian.integrations.webauthn import Place
from peelian.kernel.model.people import Operator
from peelian.kernel.model.pseudonyms import PERSON
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.state.kernel import Kernel
from peelian.storage.private_files import read_private

FILE = "log-on.toml"
ACCEPTED = "address, idle_minutes, longest_hours and [provider] with name, issuer, client and [provider.people]"
MINUTES, HOURS = range(1, 61), range(1, 25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """The ways in, while the pages are served."""

    passes: Passes
    address: str = ""
    idle: timedelta = timedelta(minutes=10)
    longest: timedelta = timedelta(hours=8)
    provider: Provider | None = None

    @property
    def host(self) -> str:
        """The name of the address, "" where the pages are of this machine only."""
        return urlsplit(self.address).hostname or ""

    def place(self, origin: str) -> Place | None:
        """Where passkeys are of, for pages asked for under `origin`; None where browsers make none (an IP address)."""
        if find_spec("webauthn") is None:  # without the extra `server`
            return None
        if self.address:
            return Place(name=self.host, origin=self.address)
        name = urlsplit(origin).hostname
        return Place(name="localhost", origin=origin) if name == "localhost" else None


def authentication_at(office: Path | None, kernel: Kernel) -> Authentication:
    """The ways in that an office's settings name, codes alone for one in memory; InputError names the setting that is
    none."""
    passes = Passes(kernel.stores.tickets, kernel.office.public_key, kernel.now)
    if office is None:
        return Authentication(passes=passes)
    told = _settings(office / FILE)
    address = str(told.get("address", "")).rstrip("/")
    parts = urlsplit(address)
    if address and (parts.scheme != "https" or not parts.hostname or parts.path or parts.query):
        raise InputError("not an address of pages", file=FILE, column="address", accepted="https://name")
    return Authentication(
        passes=passes,
        address=address,
        idle=timedelta(minutes=_number(told, "idle_minutes", 10, MINUTES)),
        longest=timedelta(hours=_number(told, "longest_hours", 8, HOURS)),
        provider=_provider(told["provider"], office) if "provider" in told else None,
    )


def _settings(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):  # also a number of thousands of digits
        raise InputError("the log-on settings are damaged", file=FILE, accepted=ACCEPTED) from None
    known = {"address", "idle_minutes", "longest_hours", "provider"}
    if stray := sorted(set(told) - known):
        raise InputError("unknown setting", file=FILE, column=stray[0][:40], accepted=ACCEPTED)
    return told


def _number(told: Mapping[str, Any], name: str, otherwise: int, within: range) -> int:
    found = told.get(name, otherwise)
    if not isinstance(found, int) or isinstance(found, bool) or found not in within:
        accepted = sentence("a whole number, %(low)d to %(high)d", low=within[0], high=within[-1])
        raise InputError("setting not valid", file=FILE, column=name, accepted=accepted)
    return found


def _provider(told: object, office: Path) -> Provider:
    if not isinstance(told, dict) or not isinstance(told.get("people", {}), dict):
        raise InputError("not an identity provider", file=FILE, column="provider", accepted=ACCEPTED)
    for name in ("name", "issuer", "client"):
        if not isinstance(told.get(name), str) or not told[name]:
            raise InputError("setting missing", file=FILE, column=f"provider.{name}", accepted=ACCEPTED)
    if not is_safe(told["issuer"]):
        raise InputError("issuer address not secure", file=FILE, column="provider.issuer", accepted="https://…")
    secret = office / "keys" / "provider.secret"
    return Provider(
        name=told["name"],
        issuer=told["issuer"],
        client=told["client"],
        people={str(subject): str(short) for subject, short in told.get("people", {}).items()},
        secret=read_private(secret).decode("utf-8").strip() if secret.exists() else "",
    )


def short_of(kernel: Kernel, shorts: Iterable[str], token: str) -> str:
    """The short name behind a token, if it is one of these; else "". O(shorts)."""
    return next((short for short in shorts if kernel.office.token(short, of=PERSON) == token), "")


def operator_in(
    kernel: Kernel,
    seat: tuple[str, str],
    shorts: Iterable[str],
    keys: Callable[[str], Ed25519PrivateKey],
) -> Operator:
    """The enrolled person of a session (token, session), acting in it; OutOfOrder where there is none.

    What they sign is signed with their key, where the office keeps it (`shorts` names whose, `keys` has them); where
    it is kept elsewhere, signing is Refused.
    """
    token, session = seat
    person = kernel.state.people.get(token)
    if person is None:
        raise OutOfOrder("the person of this session is no longer enrolled")

    def sign(message: bytes) -> bytes:
        short = short_of(kernel, shorts, token)
        if not short:
            says = "this office does not hold the key of this person"
            raise Refused([refusal("the_key_is_at_hand", says, "Sign at the terminal where your key is.")])
        return keys(short).sign(message)

    return Operator(person=person, sign=sign, session=session)
