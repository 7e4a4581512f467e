"""Names that tell of somebody are known however they are written; names of measures and radio are not among them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError, Refused
from peelian.technologies.sensors.personal import STEMS, WORDS, is_personal, must_be_harmless


@pytest.mark.parametrize(
    "name",
    [
        "plate", "PlateNumber", "licensePlate", "licence_plate", "LPR",
        "anprText", "mac", "macAddress", "MAC_ADDR", "bssid",
        "imei", "IMSI", "faceId", "face_count_id", "audio", "audioLevelWav", "imageSnapshot",
        "trajectory", "trackId", "personId", "person", "humanId",
        "vehicleId", "user", "ownerName", "phone",
        "emailAddress", "plaque", "immatriculation", "visage", "adresseMac", "rtspUrl",
    ],
)  # fmt: skip
def test_a_name_that_tells_of_somebody(name: str) -> None:
    assert is_personal(name)
    with pytest.raises(Refused) as refused:
        must_be_harmless(name, "drop")
    assert refused.value.reasons[0].field == name


@pytest.mark.parametrize(
    "name",
    [
        "count", "in", "out", "battery", "batteryLevel", "rssi", "snr", "gateway_id", "dev_eui", "devAddr", "firmware",
        "temperature", "interface", "surface", "template",
        "personCount", "persons", "vehicles", "vehicle_count", "LAeq",
        "isoDate", "status", "macro", "machine", "platform", "selfLink", "passengerTotal", "pathloss",
    ],
)  # fmt: skip
def test_a_harmless_name(name: str) -> None:
    assert not is_personal(name)
    must_be_harmless(name, "drop")


def test_a_name_of_other_letters_is_no_name() -> None:
    for name in ("рlate", "ｐlate", "plate\u200b"):
        with pytest.raises((InputError, Refused)):
            must_be_harmless(name, "columns")


@given(word=st.sampled_from(sorted(WORDS)), more=st.sampled_from(["_id", "Id", "-x", ".y", " z", "7"]))
def test_every_word_is_found_beside_another(word: str, more: str) -> None:
    assert is_personal(word + more) and is_personal("my_" + word) and is_personal(word.upper())


@given(stem=st.sampled_from(STEMS), before=st.sampled_from(["", "x", "the"]), after=st.sampled_from(["", "s", "value"]))
def test_every_stem_is_found_within_a_word(stem: str, before: str, after: str) -> None:
    assert is_personal(before + stem + after)
