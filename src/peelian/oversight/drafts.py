"""Drafts: what a person wrote and has not signed yet, sealed, theirs alone, and kept when their session ends.

A draft says nothing to anybody else and nothing of it is in the log. Its key comes from the office's working key, so
that the database alone does not tell it. One that nobody saved again for 90 days is let go.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from peelian.kernel.model.pseudonyms import DRAFT
from peelian.kernel.state.kernel import Kernel

TICKET = "draft"
MOST = 1_000  # of an office
LASTS = timedelta(days=90)


def keep_draft(kernel: Kernel, person: str, name: str, body: Mapping[str, Any]) -> None:
    """Keep what a person (token) wrote under a name, in the place of what they wrote before."""
    sealed = cipher_of(kernel, person).encrypt(json.dumps(body).encode()).decode()
    kernel.stores.tickets.put(TICKET, f"{person} {name}", sealed, kernel.now(), most=MOST)


def draft_of(kernel: Kernel, person: str, name: str) -> dict[str, Any]:
    """What a person wrote under a name; {} where there is nothing, or what is there was altered."""
    kernel.stores.tickets.forget(TICKET, kernel.now() - LASTS)
    sealed = kernel.stores.tickets.get(TICKET, f"{person} {name}")
    try:
        found: dict[str, Any] = json.loads(cipher_of(kernel, person).decrypt(sealed)) if sealed else {}
    except InvalidToken:
        return {}
    return found


def end_draft(kernel: Kernel, person: str, name: str) -> None:
    """Let go of a draft, if there is one."""
    kernel.stores.tickets.take(TICKET, f"{person} {name}")


def cipher_of(kernel: Kernel, person: str) -> MultiFernet:
    """What seals a person's own words, made of the office's working key; it opens what the keys before sealed, too."""
    keys = (secret_of(kernel, person, domain) for domain in generations_of(kernel, DRAFT))
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


def generations_of(kernel: Kernel, domain: str) -> list[str]:
    """A domain of the working keys once for each of them, the present one first."""
    return [f"{domain}~{generation}" for generation in kernel.office.generations()]


def secret_of(kernel: Kernel, what: str, domain: str) -> bytes:
    """32 bytes that only this office can make."""
    parts = "".join(kernel.office.token(f"{part} {what}", of=domain) for part in range(4))
    return hashlib.sha256(parts.encode()).digest()
