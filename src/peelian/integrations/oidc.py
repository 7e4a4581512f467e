"""OpenID Connect (code flow with PKCE): log-on through the city's own provider.

OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3.7; PKCE after RFC 7636; the answer's issuer after RFC 9207. Tokens are
verified by joserfc. Nobody is enrolled here: the settings map a subject to an operator of this office, or it is none.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from urllib.parse import urlencode, urlsplit

from peelian.errors import InputError, PeelianError, Refused
from peelian.kernel.policy.authorize import refusal

ALGORITHMS = (
    "RS256",
    "PS256",
    "ES256",
    "ES384",
    "EdDSA",
    "Ed25519",
)  # signatures only: never "none", never a shared key
SECONDS, SKEW_SECONDS = 10.0, 60
LARGEST = 1 << 18
ON_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A log-on that the provider has not answered yet."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The city's provider, as the office's settings name it; `people` maps its subjects to short names."""

    name: str
    issuer: str
    client: str
    people: Mapping[str, str]
    secret: str = field(default="", repr=False)

    def begin(self, redirect: str) -> tuple[str, Pending]:
        """Where the browser is sent, and what has to come back. PeelianError where the provider does not answer."""
        pending = Pending(
            state=secrets.token_urlsafe(24), nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48)
        )
        hashed = hashlib.sha256(pending.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client,
            "redirect_uri": redirect,
            "scope": "openid",
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": base64.urlsafe_b64encode(hashed).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        address = self._known()["authorization_endpoint"]
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", pending

    def finish(self, pending: Pending, code: str, redirect: str) -> str:
        """The subject whose log-on the code stands for; Refused where anything about the token does not hold."""
        known = self._known()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "client_id": self.client,
            "code_verifier": pending.verifier,
        }
        given = self._fetched("POST", known["token_endpoint"], form)
        keys = self._fetched("GET", known["jwks_uri"])
        return self._subject(str(given.get("id_token", "")), keys, pending.nonce)

    def short_of(self, subject: str) -> str:
        """The short name that the settings give a subject; Refused where they give none."""
        if subject not in self.people:
            raise not_vouched_for()
        return self.people[subject]

    def _subject(self, token: str, keys: Any, nonce: str) -> str:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            told = jwt.decode(token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS)).claims
            jwt.JWTClaimsRegistry(
                leeway=SKEW_SECONDS,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.client},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(told)
        except (JoseError, ValueError, TypeError, KeyError):
            raise not_vouched_for() from None
        several = isinstance(told["aud"], list) and len(told["aud"]) > 1
        if told.get("azp", None if several else self.client) != self.client or not isinstance(told["sub"], str):
            raise not_vouched_for()
        return str(told["sub"])

    def _known(self) -> dict[str, str]:
        """The provider's own description, which must be of this issuer, at addresses that are not read on the way."""
        told = self._fetched("GET", self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if told.get("issuer") != self.issuer:
            raise PeelianError("the city's provider says that it is another one")
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        found = {name: str(told.get(name, "")) for name in wanted}
        if not all(is_safe(address) for address in found.values()):
            raise PeelianError("the city's provider names an address that is not encrypted")
        return found

    def _fetched(self, method: str, address: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        httpx = _library()
        secret = (self.client, self.secret) if form is not None and self.secret else None
        try:
            with httpx.Client(timeout=SECONDS, follow_redirects=False) as client:
                answer = client.request(method, address, data=form, auth=secret)
            answer.raise_for_status()
            told = answer.json() if len(answer.content) <= LARGEST else None
        except httpx.HTTPStatusError:
            raise not_vouched_for() from None
        except (httpx.HTTPError, ValueError):
            raise PeelianError("the city's provider does not answer") from None
        if not isinstance(told, dict):
            raise PeelianError("the city's provider does not answer as one")
        return told


def is_safe(address: str) -> bool:
    """Whether an address is encrypted, or of this machine.

    >>> is_safe("https://login.example"), is_safe("http://127.0.0.1:9"), is_safe("http://login.example")
    (True, True, False)
    """
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ON_THIS_MACHINE)


def not_vouched_for() -> Refused:
    """What is said whatever was wrong, so that nobody learns whether somebody is of this office."""
    says = "The city's identity provider does not identify a member of this office."
    remedy = "Log on there again, or ask the custodian to add your account to the settings."
    return Refused([refusal("the_provider_vouches", says, remedy)])


def _library() -> Any:
    try:
        return import_module("httpx")
    except ImportError:
        raise InputError(
            "the city's identity provider needs the extra `server`", accepted="pip install 'peelian[server]'"
        ) from None
