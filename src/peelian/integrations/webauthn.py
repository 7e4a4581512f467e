"""WebAuthn (W3C, level 3) through py_webauthn: challenges for passkeys, and checks of their answers.

Origin, relying party, challenge, presence and verification of the person, signature and counter are checked there; a
counter that does not grow (a copied authenticator) is refused.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from peelian.errors import InputError
from peelian.kernel.identity.passkeys import NewPasskey, unanswered

LONGEST_ANSWER = 16_384
WAITS_MS = 300_000
UNLOCKS = urlsafe_b64encode(sha256(b"peelian unlocks a signing key 1").digest()).decode().rstrip("=")
"""What an authenticator's secret that unlocks a signing key is computed from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the pages are: the name that authenticators are bound to, and the address they were asked for under."""

    name: str  # "localhost", "peelian.town.example"
    origin: str


def asked_to_make(place: Place, challenge: bytes, *, town: str, person: str, known: Sequence[str]) -> str:
    """What the browser is asked in order to make a passkey (JSON); authenticators in `known` are not taken twice."""
    webauthn = _library()
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=place.name,
        rp_name=town,
        user_id=person.encode(),
        user_name=person[:8],  # the log's token: an authenticator is told no name
        challenge=challenge,
        timeout=WAITS_MS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_named(known),
    )
    return _extended(webauthn.options_to_json(options), {})


def made(place: Place, challenge: bytes, answer: str) -> NewPasskey:
    """The passkey a browser says was made; Refused where any part of its answer does not hold."""
    webauthn = _library()
    from webauthn.helpers import bytes_to_base64url

    try:
        held = webauthn.verify_registration_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=place.name,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except Exception:  # whatever the library or its decoders find wrong with what a stranger sent
        raise unanswered() from None
    return NewPasskey(
        id=bytes_to_base64url(held.credential_id),
        public_key=bytes_to_base64url(held.credential_public_key),
        counter=held.sign_count,
    )


def asked_to_sign(place: Place, challenge: bytes, *, known: Sequence[str] = ()) -> str:
    """What the browser is asked in order to sign with a passkey (JSON): with one of `known`, or with any it has.

    An authenticator that can also gives its secret for this purpose (section 10.1.4, PRF), one for each passkey.
    """
    webauthn = _library()
    from webauthn.helpers import structs

    options = webauthn.generate_authentication_options(
        rp_id=place.name,
        challenge=challenge,
        timeout=WAITS_MS,
        allow_credentials=_named(known),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return _extended(webauthn.options_to_json(options), {"eval": {"first": UNLOCKS}})


def id_of(answer: str) -> str:
    """Which credential an answer says it comes from (base64url); Refused where it says none."""
    found = _read(answer).get("id")
    if not isinstance(found, str) or not found:
        raise unanswered()
    return found


def signed(place: Place, challenge: bytes, answer: str, *, public_key: str, counter: int) -> int:
    """The authenticator's new counter, where its signature holds; Refused otherwise."""
    webauthn = _library()
    from webauthn.helpers import base64url_to_bytes

    try:
        held = webauthn.verify_authentication_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=place.name,
            expected_origin=place.origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=counter,
            require_user_verification=True,
        )
    except Exception:  # as above
        raise unanswered() from None
    return int(held.new_sign_count)


def secret_of(text: str) -> bytes:
    """The secret that a page sent beside an answer (base64url); b"" where an authenticator gave none."""
    try:
        return urlsafe_b64decode(text[:64] + "==")
    except ValueError:
        return b""


def parts_of(answer: str) -> dict[str, str]:
    """The parts of an answer that was found right, base64url, as the log holds them (`kernel/proofs`)."""
    from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

    told = _read(answer)["response"]
    names = {"client": "clientDataJSON", "authenticator": "authenticatorData", "answer": "signature"}
    return {part: bytes_to_base64url(base64url_to_bytes(told[name])) for part, name in names.items()}


def answered(place: str, challenge: bytes, parts: Mapping[str, str], *, public_key: str, counter: int) -> int:
    """The counter of an answer that a log entry holds, where it holds; Refused otherwise (`proofs.Authenticator`).

    The origin is the one that the browser said to the authenticator: it must be of the place that the passkey is of.
    """
    from webauthn.helpers import base64url_to_bytes

    try:
        origin = str(json.loads(base64url_to_bytes(parts["client"]))["origin"])
        where = urlsplit(origin)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise unanswered() from None
    safe = where.scheme == "https" or (where.scheme == "http" and where.hostname == "localhost")
    if not safe or where.hostname != place:
        raise unanswered()
    told = {
        "clientDataJSON": parts["client"],
        "authenticatorData": parts["authenticator"],
        "signature": parts["answer"],
    }
    said = {"id": parts["id"], "rawId": parts["id"], "type": "public-key", "response": told}
    return signed(Place(name=place, origin=origin), challenge, json.dumps(said), public_key=public_key, counter=counter)


def _extended(options: str, prf: Mapping[str, Any]) -> str:
    """The same with the extension by which an authenticator computes secrets, which the library does not know."""
    return json.dumps(json.loads(options) | {"extensions": {"prf": prf}})


def _named(known: Sequence[str]) -> list[Any]:
    from webauthn.helpers import base64url_to_bytes, structs

    return [structs.PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known]


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise unanswered()
    try:
        read = json.loads(answer)
    except (ValueError, RecursionError):
        raise unanswered() from None
    if not isinstance(read, dict):
        raise unanswered()
    return read


def _library() -> Any:
    try:
        import webauthn
    except ImportError:
        raise InputError("passkeys need the extra `server`", accepted="pip install 'peelian[server]'") from None
    return webauthn
