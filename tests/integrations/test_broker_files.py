"""Mosquitto's settings: nobody without a certificate, each sensor under its own name, and no name that says more."""

from __future__ import annotations

from pathlib import Path

import pytest

from peelian.errors import InputError
from peelian.integrations.broker_files import GATEWAY, Place, write_settings

PLACE = Place(host="broker.town.example", user="mosquitto")


def test_only_certificates_get_in_and_each_sensor_writes_its_own(tmp_path: Path) -> None:
    settings, rights = write_settings(tmp_path, PLACE, ["meter-2", "meter-1"])
    told = settings.read_text().splitlines()
    assert {"require_certificate true", "use_identity_as_username true", "allow_anonymous false"} <= set(told)
    assert "persistence_location /dev/shm/" in told and "listener 8883" in told and f"acl_file {tmp_path}/acl" in told
    lines = [line for line in rights.read_text().splitlines() if line and not line.startswith("#")]
    assert lines == [
        f"user {GATEWAY}",
        "topic read peelian/readings/#",
        "user meter-1",
        "topic write peelian/readings/meter-1/#",
        "user meter-2",
        "topic write peelian/readings/meter-2/#",
    ]
    assert settings.stat().st_mode & 0o077 == 0 == rights.stat().st_mode & 0o077


@pytest.mark.parametrize("name", ["#", "meter+1", "a\ntopic readwrite #", "Meter", "", GATEWAY, "x" * 41, "m/../n"])
def test_a_name_that_would_give_more_rights_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="not a sensor id"):
        write_settings(tmp_path, PLACE, ["meter-1", name])
    assert not list(tmp_path.iterdir()), "nothing half-written"


@pytest.mark.parametrize(
    "place",
    [
        Place(host="a\nallow_anonymous true", user="mosquitto"),
        Place(host="b", user="root\nallow_anonymous true"),
        Place(host="b", user="mosquitto", address="0.0.0.0\nlistener 1883"),
        Place(host="", user="mosquitto"),
    ],
)
def test_a_place_cannot_slip_a_setting_in(tmp_path: Path, place: Place) -> None:
    with pytest.raises(InputError, match="not a machine or user name"):
        write_settings(tmp_path, place, [])


def test_a_folder_with_blanks_is_refused_because_mosquitto_cannot_read_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="blanks"):
        write_settings(tmp_path / "my broker", PLACE, [])
