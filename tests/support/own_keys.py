"""The passphrase of everybody's key in tests: one for all, at a low cost, where nobody is asked at a terminal.

Outside tests the same comes from a terminal or from a systemd credential.
"""

from __future__ import annotations

from pathlib import Path

from peelian.integrations.person_keys import Credentials
from peelian.storage.protected_keys import Cost

PASSPHRASE = "a passphrase of the tests"
CHEAP = Cost(memory=8, passes=1, lanes=1)
REAL = {name: vars(Credentials)[name] for name in ("cost", "known", "new")}


def give_passphrases() -> None:
    """From here on everybody's passphrase is the one of the tests, in this process."""
    for name, value in (
        ("cost", CHEAP),
        ("known", lambda self, short: PASSPHRASE),
        ("new", lambda self, short: PASSPHRASE),
    ):
        setattr(Credentials, name, value)


def credentials(folder: Path, *shorts: str) -> dict[str, str]:
    """The environment in which systemd starts a service that holds these people's passphrases."""
    folder.mkdir(mode=0o700)
    for short in shorts:
        (folder / f"peelian-{short}").write_text(f"{PASSPHRASE}\n")
    return {"CREDENTIALS_DIRECTORY": str(folder)}
