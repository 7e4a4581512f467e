"""The broker's folder follows the register: who may speak has a certificate as long as the registration lasts."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, desk
from watched import listed

from peelian.errors import Refused
from peelian.integrations.broker_certificates import issued
from peelian.integrations.broker_files import GATEWAY, Place
from peelian.kernel.records.sensor_register import end, renew
from peelian.operations.broker_folder import Written, write_broker

METER: dict[str, Any] = {"kind": "sound_meter", "format": "ngsi-ld"}


@pytest.fixture
def town() -> Desk:
    made = desk(())
    listed(made, "meter-1", days=60, **METER)
    listed(made, "camera-9")  # a policing camera: on the register, with nothing to say to us
    return made


def _write(town: Desk, folder: Path, **more: Any) -> Written:
    place = Place(host="localhost", user="mosquitto")
    return write_broker(town.kernel, town.people["custodian"], folder / "broker", place, **more)


def _ends(folder: Path, name: str = "meter-1") -> datetime:
    return issued(folder / "broker" / "sensors" / f"{name}.pem")[1]


def test_only_registered_sensors_that_speak_get_a_certificate_until_their_end(town: Desk, tmp_path: Path) -> None:
    made = _write(town, tmp_path)
    assert made.sensors == ("meter-1",) == made.fresh and "camera-9" not in (tmp_path / "broker" / "acl").read_text()
    assert _ends(tmp_path).date() == (town.clock.now + timedelta(days=60)).date()
    assert {"ca.pem", f"{GATEWAY}.pem", f"{GATEWAY}.key"} <= {file.name for file in (tmp_path / "broker").iterdir()}
    assert _write(town, tmp_path).fresh == (), "nothing changed"
    assert town.kinds().count("BROKER_WRITTEN") == 2


def test_a_renewal_brings_a_later_certificate_and_a_new_device_a_new_key(town: Desk, tmp_path: Path) -> None:
    _write(town, tmp_path)
    key = (tmp_path / "broker" / "sensors" / "meter-1.key").read_bytes()
    ends = (town.clock.now + timedelta(days=120)).date().isoformat()
    renew(town.kernel, town.people["custodian"], "meter-1", ends)
    assert _write(town, tmp_path).fresh == ("meter-1",) and _ends(tmp_path).date().isoformat() == ends
    end(town.kernel, town.people["custodian"], "meter-1", "replaced")
    gone = _write(town, tmp_path)
    assert gone.sensors == () and not (tmp_path / "broker" / "sensors" / "meter-1.key").exists()
    listed(town, "meter-1", **METER)
    assert _write(town, tmp_path).fresh == ("meter-1",)
    assert (tmp_path / "broker" / "sensors" / "meter-1.key").read_bytes() != key


def test_a_device_replaced_between_two_writings_gets_a_new_key(town: Desk, tmp_path: Path) -> None:
    _write(town, tmp_path)
    town.clock.days(1)
    end(town.kernel, town.people["custodian"], "meter-1", "replaced")
    listed(town, "meter-1", days=30, **METER)
    assert _write(town, tmp_path).fresh == ("meter-1",)


def test_a_town_with_its_own_authority_gets_settings_only(town: Desk, tmp_path: Path) -> None:
    assert _write(town, tmp_path, certificates=False).fresh == ()
    assert {file.name for file in (tmp_path / "broker").iterdir()} == {"acl", "mosquitto.conf"}


def test_who_may_register_no_sensor_may_let_none_in(town: Desk, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        write_broker(town.kernel, town.people["analyst"], tmp_path / "b", Place(host="localhost", user="mosquitto"))
    assert not (tmp_path / "b").exists()
