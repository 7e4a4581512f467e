"""Green Button: an area's energy is read; a home's only under a warrant; hostile XML is refused."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from peelian.errors import InputError, Refused
from peelian.technologies.sensors.espi import decode_espi
from peelian.technologies.sensors.warrants import Scope, scope_of

SCOPE = {
    "status": "confirmed",
    "window": "2011-01-01T00:00:00Z/2027-01-01T00:00:00Z",
    "cells": "Centre",
    "sensors": "s-1",
    "operations": "energy-single-meter",
    "count": 10_000,
}


def warrant(**change: Any) -> Scope:
    return scope_of(SCOPE | change)


def test_an_areas_energy_is_read_in_kilowatt_hours(registered: Any, feed: bytes) -> None:
    readings = decode_espi(feed, registered("energy_area"))
    assert [r.values for r in readings] == [{"kwh": 81.0, "seconds": 3600.0}, {"kwh": 79.0, "seconds": 3600.0}]
    assert readings[0].time == datetime(2026, 3, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"Area/7/UsagePoint/1", b"RetailCustomer/9b6c/UsagePoint/1"), (b"<entry><content><ReadingType", b"twice")],
)
def test_a_record_of_homes_needs_a_warrant_whatever_the_register_says(
    registered: Any, feed: bytes, old: bytes, new: bytes
) -> None:
    if new == b"twice":
        new = b'<entry><content><UsagePoint xmlns="http://naesb.org/espi"/></content></entry>' + old
    with pytest.raises(Refused, match="no warrant"):
        decode_espi(feed.replace(old, new), registered("energy_area"))


@pytest.mark.parametrize("homes", [0, 1])
def test_an_area_without_homes_is_one_home(registered: Any, feed: bytes, homes: int) -> None:
    with pytest.raises(Refused, match="no warrant"):
        decode_espi(feed, registered("energy_area", homes=homes))


def test_a_single_meter_is_read_within_the_warrants_scope_only(registered: Any, feed: bytes) -> None:
    meter = registered("energy_meter")
    assert len(decode_espi(feed, meter, warrant())) == 2
    for outside in (
        warrant(sensors="s-2"),
        warrant(cells="North"),
        warrant(status="refused"),
        warrant(count=1),
        warrant(window="2026-03-01T10:30:00Z/2026-04-01T00:00:00Z"),
        warrant(window="2026-03-01T09:00:00Z/2026-03-01T11:00:00Z"),
        None,
    ):
        with pytest.raises(Refused):
            decode_espi(feed, meter, outside)
    with pytest.raises(Refused, match="used up"):
        decode_espi(feed, meter, warrant(count=5), used=4)


HOSTILE = {
    "doctype": b'<!DOCTYPE feed SYSTEM "http://evil.invalid/x.dtd"><feed xmlns="http://www.w3.org/2005/Atom"/>',
    "entity": b'<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]><feed xmlns="http://www.w3.org/2005/Atom">&x;</feed>',
    "laughs": b'<!DOCTYPE f [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><feed xmlns="http://www.w3.org/2005/Atom">&b;</feed>',
    "deep": b'<feed xmlns="http://www.w3.org/2005/Atom">' + b"<entry>" * 100_000,
    "not closed": b'<feed xmlns="http://www.w3.org/2005/Atom">',
    "long text": b'<feed xmlns="http://www.w3.org/2005/Atom"><id>' + b"x" * 10_000 + b"</id></feed>",
    "large": b" " * ((8 << 20) + 1),
    "latin-1": '<feed xmlns="http://www.w3.org/2005/Atom"><title>é</title></feed>'.encode("latin-1"),
    "empty": b'<feed xmlns="http://www.w3.org/2005/Atom"/>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_bad_input(registered: Any, name: str) -> None:
    with pytest.raises(InputError):
        decode_espi(HOSTILE[name], registered("energy_area"))


@pytest.mark.parametrize("element", ["Customer", "customerName", "ServiceLocation", "mainAddress", "EndDevice"])
def test_an_element_off_the_list_is_refused_by_name(registered: Any, feed: bytes, element: str) -> None:
    data = feed.replace(b"</feed>", f'<{element} xmlns="http://naesb.org/espi">SECRET</{element}></feed>'.encode())
    with pytest.raises(Refused, match=element) as refused:
        decode_espi(data, registered("energy_area"))
    assert "SECRET" not in str(refused.value)
    with pytest.raises(Refused, match="serial"):
        decode_espi(feed.replace(b"<entry>", b'<entry serial="1">'), registered("energy_area"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<value>81</value>", b"<value>lots</value>"),
        (b"<value>81</value>", b""),
        (b"<value>81</value>", b"<value>-5</value>"),
        (b"<uom>72</uom>", b"<uom>38</uom>"),
        (b"<start>1772359200</start></timePeriod>", b"<start>99999999999999</start></timePeriod>"),
    ],
)
def test_values_that_are_none_are_bad_input(registered: Any, feed: bytes, old: bytes, new: bytes) -> None:
    with pytest.raises(InputError):
        decode_espi(feed.replace(old, new), registered("energy_area"))


def test_a_published_sample_of_one_home_is_refused_and_read_under_a_warrant(registered: Any) -> None:
    data = (Path(__file__).resolve().parents[2] / "data" / "sensors" / "green_button_one_day.xml").read_bytes()
    with pytest.raises(Refused, match="no warrant"):
        decode_espi(data, registered("energy_area"))
    readings = decode_espi(data, registered("energy_meter"), warrant())
    assert len(readings) == 96 and readings[0].values == {"kwh": 0.324, "seconds": 900.0}


@pytest.mark.parametrize(("name", "n"), [("15minLP_15Days", 1_340), ("Coastal_Single_Family_2011", 8_760)])
def test_real_files_of_homes_are_refused_and_read_under_a_warrant(
    registered: Any, shared_data: Path, name: str, n: int
) -> None:
    file = shared_data / "meter" / f"greenbutton_{name}.xml.gz"
    if not file.is_file():
        pytest.skip("the published Green Button files are missing")
    data = gzip.decompress(file.read_bytes())
    with pytest.raises(Refused, match="no warrant"):
        decode_espi(data, registered("energy_area"))
    readings = decode_espi(data, registered("energy_meter"), warrant())
    assert len(readings) == n and 100 < sum(r.values["kwh"] for r in readings) < 20_000
