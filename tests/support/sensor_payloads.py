"""Payloads as devices and platforms send them, from public documentation; numbers and names are the documents' own.

Where a document shows another quantity (a temperature), the field is declared as the level it stands for here: the
envelope is what is tested. Each entry: format, kind of sensor, what the register declares, topic, message, source.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class Payload(NamedTuple):
    """A message, and the declaration under which it comes in."""

    name: str
    source: str
    format: str
    kind: str
    message: Any
    more: Mapping[str, Any] = MappingProxyType({})
    topic: str = ""

    @property
    def data(self) -> bytes:
        return self.message if isinstance(self.message, bytes) else json.dumps(self.message).encode()


SDM = "github.com/smart-data-models/dataModel.Transportation, examples"
TTS = "github.com/TheThingsIndustries/lorawan-stack-docs, integrations/data-formats"
TB = "thingsboard.io/docs/reference/mqtt-api/telemetry"
SENTILO = "github.com/kcech/sentilo-docs-test, services/data/publish_sensor_data.rst"
AXIS = "developer.axis.com/vapix/applications"
ONVIF = "ONVIF Core Specification, JSON events; Analytics, counting rules"
STREET = {
    "type": "LineString",
    "coordinates": [[-4.73735395519672, 41.6538181849672], [-4.73414858659993, 41.6600594193478]],
}
CROWD = {
    "id": "urn:ngsi-ld:CrowdFlowObserved:Valladolid_1", "type": "CrowdFlowObserved",
    "dateObserved": "2018-08-07T11:10:00/2018-08-07T11:15:00", "dateObservedFrom": "2018-08-07T11:10:00Z",
    "dateObservedTo": "2018-08-07T11:15:00Z", "peopleCount": 100, "peopleCountTowards": 50, "peopleCountAway": 50,
    "averageHeadwayTime": 5, "congested": False, "direction": "inbound", "location": STREET,
}  # fmt: skip


def _property(value: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value}


TRAFFIC = {
    "id": "urn:ngsi-ld:TrafficFlowObserved:TrafficFlowObserved-Valladolid-osm-60821110",
    "type": "TrafficFlowObserved",
    "address": _property(
        {
            "addressLocality": "Valladolid",
            "addressCountry": "ES",
            "streetAddress": "Avenida de Salamanca",
            "type": "PostalAddress",
        }
    ),
    "averageHeadwayTime": _property(0.5),
    "averageVehicleLength": _property(9.87),
    "averageVehicleSpeed": _property(52.6),
    "dateObserved": _property({"@type": "DateTime", "@value": "2016-12-07T11:10:00/2016-12-07T11:15:00"}),
    "dateObservedFrom": _property({"@type": "DateTime", "@value": "2016-12-07T11:10:00Z"}),
    "dateObservedTo": _property({"@type": "DateTime", "@value": "2016-12-07T11:15:00Z"}),
    "intensity": _property(197),
    "laneDirection": _property("forward"),
    "laneId": _property(1),
    "location": {"type": "GeoProperty", "value": STREET},
    "occupancy": _property(0.76),
    "reversedLane": _property(False),
    "@context": ["https://raw.githubusercontent.com/smart-data-models/dataModel.Transportation/master/context.jsonld"],
}
ITEM = {
    "id": "FlowObserved:BFO-NCE-MNCA-SP-001", "type": "ItemFlowObserved",
    "address": {"addressCountry": "FR", "addressLocality": "Nice", "streetAddress": "Port Lympia"},
    "areaServed": "Nice Harbor", "averageGapDistance": 35.28, "averageHeadwayTime": 156, "averageLength": 7.44,
    "averageSpeed": 2.7, "congested": False, "dateObserved": "2020-03-20T16:30:00Z",
    "dateObservedFrom": "2020-03-20T16:30:00Z", "dateObservedTo": "2020-03-20T22:30:00Z",
    "description": "Boat Flow Observed from Nice Harbor.", "itemSubType": "monoHull", "itemType": "yacht",
    "intensity": 12, "laneDirection": "outbound", "laneId": 1,
    "location": {"coordinates": [7.196545, 43.664809], "type": "Point"}, "maxSpeed": 3.8, "minSpeed": 2.6,
    "name": "BFO-NCE-MNCA-SP-001", "occupancy": 0.1562, "refDevice": "Device:BFO-NCE-MNCA-SP-001-Dev-02",
    "reverseLane": False,
}  # fmt: skip


def uplink(payload: dict[str, Any]) -> dict[str, Any]:
    """The Things Stack's example of an uplink message, with a device's own payload."""
    return {
        "end_device_ids": {
            "device_id": "dev1", "application_ids": {"application_id": "app1"}, "dev_eui": "0004A30B001C0530",
            "join_eui": "800000000000000C", "dev_addr": "00BCB929",
        },
        "correlation_ids": ["as:up:01E0WZGT6Y7657CPFPE5WEYDSQ", "gs:conn:01E0WDEC6T5T4XXBAX7S1VMFKE"],
        "received_at": "2020-02-12T15:15:46.014773143Z",
        "uplink_message": {
            "session_key_id": "AXA50tHUGUucuzS/bCGMNw==", "f_cnt": 1, "frm_payload": "gkHe",
            "decoded_payload": payload,
            "rx_metadata": [
                {
                    "gateway_ids": {"gateway_id": "gtw1", "eui": "9C5C8E00001A05C4"},
                    "time": "2020-02-12T15:15:45.787Z", "timestamp": 2463457000, "rssi": -35, "channel_rssi": -35,
                    "snr": 5, "uplink_token": "ChIKEAoEZ3R3MRIInFyOAAAaBcQQ6L3Vlgk=", "channel_index": 2,
                }
            ],
            "settings": {
                "data_rate": {"lora": {"bandwidth": 125000, "spreading_factor": 7}}, "data_rate_index": 5,
                "coding_rate": "4/6", "frequency": "868300000", "timestamp": 2463457000,
                "time": "2020-02-12T15:15:45.787Z",
            },
            "consumed_airtime": "0.056576s",
            "locations": {
                "user": {
                    "latitude": 37.97155556731436, "longitude": 23.72678801175413, "altitude": 10,
                    "source": "SOURCE_REGISTRY",
                }
            },
            "received_at": "2020-02-12T15:15:45.789585559Z",
        },
    }  # fmt: skip


def chirp(payload: dict[str, Any]) -> dict[str, Any]:
    """ChirpStack's UplinkEvent by the fields of its protocol files, with a device's own payload."""
    return {
        "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d", "time": "2022-07-18T09:34:15.775023242+00:00",
        "deviceInfo": {
            "tenantId": "52f14cd4-c6f1-4fbd-8f87-4025e1d49242", "tenantName": "ChirpStack",
            "applicationId": "17c82e96-be03-4f38-aef3-f83d48582d97", "applicationName": "Test application",
            "deviceProfileId": "14855bf7-d10d-4aee-b618-ebfcb64dc7ad", "deviceProfileName": "Test device-profile",
            "deviceName": "Test device", "devEui": "0101010101010101",
        },
        "devAddr": "00189440", "adr": True, "dr": 1, "fCnt": 4, "fPort": 1, "confirmed": False, "data": "AQID",
        "object": payload,
        "rxInfo": [
            {
                "gatewayId": "0016c001f153a14c", "uplinkId": 4217106255, "rssi": -36, "snr": 10.5,
                "context": "E3OWOQ==", "metadata": {"region_common_name": "EU868", "region_config_id": "eu868"},
            }
        ],
        "txInfo": {
            "frequency": 867100000,
            "modulation": {"lora": {"bandwidth": 125000, "spreadingFactor": 11, "codeRate": "CR_4_5"}},
        },
    }  # fmt: skip


def _noise(**more: Any) -> dict[str, Any]:
    return {"columns": {"level": "laeq"}, **more}


FROST = {
    "@iot.selfLink": "https://example.org/FROST-Server/v1.1/Observations(1)", "@iot.id": 1,
    "phenomenonTime": "2020-02-12T15:15:00Z", "resultTime": None, "result": 21, "resultQuality": "checked",
    "Datastream@iot.navigationLink": "https://example.org/FROST-Server/v1.1/Observations(1)/Datastream",
    "FeatureOfInterest@iot.navigationLink": "https://example.org/FROST-Server/v1.1/Observations(1)/FeatureOfInterest",
}  # fmt: skip
COUNTING = "cam-7/onvif-ej/RuleEngine/CountAggregation/Counter/&1/gate"
EVENT = {"UtcTime": "2008-10-10T12:24:57.321Z", "Source": {"VideoSource": "1", "Rule": "gate"}, "Data": {"Count": 42}}
SENML = [{"bn": "urn:dev:ow:10e2073a01080063:", "bt": 1.320067464e09, "n": "level", "u": "dBspl", "v": 54.2}]
ECO = [{"date": "2020-06-01T00:00:00+0000", "isoDate": "2020-06-01T00:00:00+0000", "counts": 133, "status": 4}]
HOUR = {"start": "2020-06-23 00:00:00", "end": "2020-06-23 01:00:00", "in": 0, "out": 0}
LIVE = {"serial": "00408CAC512B", "name": "Exit south", "timestamp": "20170503112756", "in": 12, "out": 318}
PEOPLE = "people_counter"

PAYLOADS = (
    Payload("crowd flow as published", SDM, "ngsi-ld", PEOPLE, CROWD),
    Payload("traffic flow as published", SDM, "ngsi-ld", "traffic_counter", TRAFFIC),
    Payload("item flow as published", SDM, "ngsi-ld", "traffic_counter", ITEM),
    Payload("item flow of people", SDM, "ngsi-ld", PEOPLE, ITEM | {"itemType": "pedestrian"}),
    Payload(
        "crowd flow with a battery", SDM, "ngsi-ld", PEOPLE, CROWD | {"batteryLevel": 0.8}, {"drop": ("/batteryLevel",)}
    ),
    Payload("observation of FROST", "OGC 18-088; FROST-Server", "sensorthings-1.1", PEOPLE, FROST),
    Payload(
        "observation with parameters", "OGC 18-088", "sensorthings-1.1", PEOPLE, FROST | {"parameters": {"run": 2}},
        {"drop": ("/parameters/run",)},
    ),
    Payload("counter of a camera", ONVIF, "onvif-counts", PEOPLE, EVENT, {}, COUNTING),
    Payload(
        "counter with its operation", ONVIF, "onvif-counts", PEOPLE, EVENT | {"PropertyOperation": "Changed"}, {},
        COUNTING,
    ),
    Payload(
        "occupancy at the start", ONVIF, "onvif-counts", PEOPLE, EVENT | {"PropertyOperation": "Initialized"}, {},
        COUNTING.replace("Counter", "OccupancyCounter"),
    ),
    Payload("uplink with a level", TTS, "ttn-v3", "sound_meter", uplink({"level": 61.5}), _noise()),
    Payload(
        "uplink with temperature and light", TTS, "ttn-v3", "sound_meter",
        uplink({"temperature": 1.0, "luminosity": 0.64, "level": 50}), _noise(drop=("temperature", "luminosity")),
    ),
    Payload("uplink with SenML", f"{TTS}; RFC 8428", "ttn-v3", "sound_meter", uplink({"senml": SENML}), _noise()),
    Payload(
        "uplink with its own time", TTS, "ttn-v3", PEOPLE, uplink({"ts": 1772359200, "in": 3, "out": 4}),
        {"columns": {"ts": "time", "in": "towards", "out": "away"}},
    ),
    Payload("event of ChirpStack", "docs.rs/chirpstack_api 4.18.0, integration.proto and gw.proto",
            "chirpstack-v4", "sound_meter", chirp({"level": 47.25}), _noise()),
    Payload("event of ChirpStack with SenML", "the same; RFC 8428", "chirpstack-v4", "sound_meter",
            chirp({"senml": SENML}), _noise()),
    Payload("SenML pack", "RFC 8428, 5.1.2", "senml", "sound_meter", SENML, _noise()),
    Payload("telemetry with its time", TB, "thingsboard", "sound_meter",
            {"ts": 1451649600512, "values": {"temperature": 22.5, "humidity": 61}},
            {"columns": {"humidity": "laeq"}, "drop": ("temperature",)}),
    Payload("telemetry without a time", TB, "thingsboard", "sound_meter", {"temperature": 22.5, "humidity": 61},
            {"columns": {"humidity": "laeq"}, "drop": ("temperature",)}),
    Payload("telemetry of several times", TB, "thingsboard", "sound_meter",
            [{"ts": 1451649600000, "values": {"temperature": 22.5, "humidity": 61}},
             {"ts": 1451649601000, "values": {"temperature": 22.7, "humidity": 60}}],
            {"columns": {"humidity": "laeq"}, "drop": ("temperature",)}),
    Payload("Sentilo, one observation", SENTILO, "sentilo", "sound_meter",
            {"observations": [{"value": "12.3", "timestamp": "17/09/2012T12:34:45"}]}, {"zone": "UTC"}),
    Payload("Sentilo, in the time of Barcelona", SENTILO, "sentilo", "sound_meter",
            {"observations": [{"value": "9.6", "timestamp": "17/02/2016T11:43:45CET"}]}),
    Payload("Sentilo, several", SENTILO, "sentilo", "sound_meter",
            {"observations": [{"value": "10.1"}, {"value": "11.2", "timestamp": "17/09/2012T12:34:45"},
                              {"value": "12.3", "timestamp": "17/09/2012T10:34:45"}]}, {"zone": "UTC"}),
    Payload("Eco-counter, an hour", "github.com/tmfg/digitraffic-cdk, counting-sites/lib/model/data.ts",
            "eco-counter", PEOPLE, ECO),
    Payload("Axis, live sums", f"{AXIS}/people-counter-api", "axis-counts", PEOPLE, LIVE, {"zone": "Europe/Stockholm"}),
    Payload("Axis, an hour as JSON", f"{AXIS}/p8815-2-3d-people-counter-api", "axis-counts", PEOPLE, {"data": [HOUR]},
            {"zone": "America/Toronto"}),
    Payload("Axis, minutes as CSV", f"{AXIS}/p8815-2-3d-people-counter-api", "csv", PEOPLE,
            b"start,end,in,out\n2020-09-23 00:00:00,2020-09-23 00:01:00,0,0\n",
            {"columns": {"start": "time", "end": "end", "in": "towards", "out": "away"}, "zone": "America/Toronto"}),
    Payload("CSV with semicolons and a battery", "a spreadsheet's export", "csv", PEOPLE,
            b"Date;Count;Battery\n01/03/2026 10:00:00;3;98\n",
            {"columns": {"Date": "time_dmy", "Count": "count"}, "drop": ("Battery",), "zone": "Europe/Paris"}),
    Payload("plain JSON with epoch seconds", "a device of its own", "json", PEOPLE,
            {"dev": {"fw": "1.2", "bat": 3.6}, "t": 1772359200, "n": 7},
            {"columns": {"/t": "time", "/n": "count"}, "drop": ("/dev/fw", "/dev/bat")}),
    Payload("plain JSON of watt-hours", "a device of its own", "json", "energy_area",
            {"meta": [{"rssi": -90}], "reading": {"at": "2026-03-01T10:00:00-05:00", "wh": "81000"}},
            {"columns": {"/reading/at": "time", "/reading/wh": "wh"}, "drop": ("/meta/*/rssi",)}),
)  # fmt: skip


def objects(message: Any) -> list[dict[str, Any]]:
    """Every object in a message, the outermost first."""
    inner = message.values() if isinstance(message, dict) else message if isinstance(message, list) else ()
    return ([message] if isinstance(message, dict) else []) + [found for each in inner for found in objects(each)]


TELLING = ("plateNumber", "mac_address", "faceId", "audio", "trajectory", "imei", "person_id", "image", "bssid")
VALUES = ("SECRET-ABC-123", 7, None, True, {}, [], {"a": [1]}, "aa:bb:cc:dd:ee:ff")


def mutated(one: Payload, draw: random.Random) -> bytes:
    """The message with one more field, which nobody declared, at a random place in it."""
    message = json.loads(one.data)
    name = draw.choice([*TELLING, f"field{draw.randrange(10**6)}", "", "*", "é", "id2"])
    draw.choice(objects(message))[name] = draw.choice(VALUES)
    return json.dumps(message).encode()
