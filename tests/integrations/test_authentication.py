"""The settings of the log-on: what they may say, and what is told where they say something else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from peelian.errors import InputError
from peelian.integrations.authentication import FILE, Authentication, authentication_at
from peelian.operations.office import memory_office

pytest.importorskip("webauthn", reason="webauthn is not installed: uv sync --all-extras")
WHOLE = """
address = "https://peelian.town.example"
idle_minutes = 5
longest_hours = 4
[provider]
name = "City"
issuer = "https://login.town.example"
client = "peelian"
[provider.people]
"2482" = "clerk"
"""


def opened(folder: Path, text: str = "") -> Authentication:
    if text:
        (folder / FILE).write_text(text, encoding="utf-8")
    (folder / "keys").mkdir(mode=0o700, exist_ok=True)
    return authentication_at(folder, memory_office(known=()).kernel)


def test_without_settings_the_pages_are_of_this_machine(tmp_path: Path) -> None:
    found = opened(tmp_path)
    assert (found.address, found.host, found.idle, found.provider) == ("", "", timedelta(minutes=10), None)
    here = found.place("http://localhost:8181")
    assert here is not None and (here.name, here.origin) == ("localhost", "http://localhost:8181")
    assert found.place("http://127.0.0.1:8181") is None, "an address is no name that a passkey is bound to"


def test_what_the_settings_say_holds_and_the_secret_is_shown_nowhere(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    secret = tmp_path / "keys" / "provider.secret"
    secret.write_text("hush\n")
    secret.chmod(0o600)
    found = opened(tmp_path, WHOLE)
    assert (found.host, found.idle, found.longest) == ("peelian.town.example", timedelta(minutes=5), timedelta(hours=4))
    assert found.provider is not None and found.provider.short_of("2482") == "clerk"
    assert found.provider.secret == "hush" and "hush" not in repr(found)
    place = found.place("http://127.0.0.1:8181")
    assert place is not None and (place.name, place.origin) == ("peelian.town.example", "https://peelian.town.example")
    secret.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("address = 'http://town.example'", "address"),
        ("address = 'https://town.example/path'", "address"),
        ("idle_minutes = 0", "idle_minutes"),
        ("idle_minutes = true", "idle_minutes"),
        ("longest_hours = 25", "longest_hours"),
        ("colour = 1", "colour"),
        ("provider = 1", "provider"),
        ("[provider]\nname = 'x'", "provider.issuer"),
        ("[provider]\nname='x'\nclient='y'\nissuer='http://login.example'", "provider.issuer"),
        ("[provider]\nname='x'\nclient='y'\nissuer='https://l'\npeople=1", "provider"),
    ],
)
def test_a_setting_that_is_none_is_named(tmp_path: Path, text: str, column: str) -> None:
    with pytest.raises(InputError) as error:
        opened(tmp_path, text)
    assert error.value.column == column and error.value.file == FILE


@pytest.mark.parametrize("content", [b"\xff", b"= 1", b"[" * 1000])
def test_damaged_settings_are_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        opened(tmp_path)
