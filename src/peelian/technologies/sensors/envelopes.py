"""What platforms and counters put around a measure: the fields that are known and dropped, and where the time stands.

Every field is named: none of them opens an object, so that a message with any other field is refused. Sources:
The Things Stack, "Data Formats" (v3); ChirpStack v4, `integration.proto` and `gw.proto`; ThingsBoard, "MQTT API,
telemetry"; Sentilo, "Publish observations from a sensor"; Eco-counter API 1.0, `data/site`; Axis "People counter API"
and "P8815-2 3D people counter API".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from peelian.technologies.sensors.measures import BY_KIND, TIMES

VALUE = "value"  # what a sensor of its kind measures (`BY_KIND`)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A platform's message: its title, what is dropped, where the time and perhaps the value stand.

    `payload`: below which pointer a device's own fields are declared; `more`: other pointers for the same place;
    `senml`: its payload may be a SenML pack.
    """

    title: str
    dropped: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    payload: str = ""
    more: tuple[str, ...] = ()
    senml: bool = False

    @property
    def measures(self) -> bool:
        """Whether the platform itself says where a measure stands."""
        return any(word not in TIMES for word in self.fixed.values())

    def at(self, name: str) -> str:
        """The full pointer of a declared field: a plain name stands in the payload."""
        return name if name.startswith("/") else f"{self.payload}/{name}"

    def held(self, kind: str) -> Mapping[str, str]:
        """What the platform itself says where it stands."""
        return {pointer: BY_KIND[kind] if word == VALUE else word for pointer, word in self.fixed.items()}

    def spellings(self, pointer: str) -> tuple[str, ...]:
        """A pointer and its other places: in a list of messages, or at the top."""
        if not self.more or not pointer.startswith(f"{self.payload}/"):
            return (pointer,)
        below = pointer.removeprefix(self.payload)
        return tuple(f"{one}{below}" for one in (self.payload, *self.more))


def _all(prefix: str, names: str) -> tuple[str, ...]:
    return tuple(f"{prefix}/{name}" for name in names.split())


_POINT = "latitude longitude altitude accuracy source"
TTN = Envelope(
    title="The Things Stack",
    payload="/uplink_message/decoded_payload",
    senml=True,
    fixed={"/uplink_message/received_at": "time"},
    dropped=(
        *_all("/end_device_ids", "device_id application_ids/application_id dev_eui join_eui dev_addr"),
        "/correlation_ids/*",
        "/received_at",
        "/simulated",
        *_all(
            "/uplink_message", "session_key_id f_port f_cnt frm_payload confirmed consumed_airtime packet_error_rate"
        ),
        "/uplink_message/decoded_payload_warnings/*",
        "/uplink_message/last_battery_percentage/f_cnt",
        "/uplink_message/last_battery_percentage/value",
        "/uplink_message/last_battery_percentage/received_at",
        *_all("/uplink_message/network_ids", "net_id ns_id tenant_id cluster_id cluster_address"),
        *_all("/uplink_message/version_ids", "brand_id model_id hardware_version firmware_version band_id"),
        *_all("/uplink_message/locations/user", _POINT),
        *_all(
            "/uplink_message/settings", "coding_rate data_rate_index frequency timestamp time data_rate/fsk/bit_rate"
        ),
        *_all("/uplink_message/settings/data_rate/lora", "bandwidth spreading_factor coding_rate"),
        *_all(
            "/uplink_message/rx_metadata/*",
            "gateway_ids/gateway_id gateway_ids/eui time timestamp fine_timestamp rssi signal_rssi channel_rssi snr "
            "frequency_offset uplink_token channel_index antenna_index gps_time received_at",
        ),
        *_all("/uplink_message/rx_metadata/*/location", _POINT),
        *_all(
            "/uplink_message/rx_metadata/*/packet_broker",
            "message_id forwarder_net_id forwarder_tenant_id forwarder_cluster_id forwarder_gateway_eui "
            "forwarder_gateway_id home_network_net_id home_network_tenant_id home_network_cluster_id",
        ),
    ),
)
CHIRPSTACK = Envelope(
    title="ChirpStack",
    payload="/object",
    senml=True,
    fixed={"/time": "time"},
    dropped=(
        "/deduplicationId",
        *_all(
            "/deviceInfo",
            "tenantId tenantName applicationId applicationName deviceProfileId deviceProfileName deviceName devEui "
            "deviceClassEnabled",
        ),
        *_all("", "devAddr adr dr fCnt fPort confirmed data regionConfigId"),
        *_all(
            "/rxInfo/*",
            "gatewayId uplinkId gwTime nsTime time timeSinceGpsEpoch fineTimeSinceGpsEpoch rssi snr channel rfChain "
            "board antenna context crcStatus metadata/region_common_name metadata/region_config_id",
        ),
        *_all("/rxInfo/*/location", _POINT),
        "/txInfo/frequency",
        *_all("/txInfo/modulation/lora", "bandwidth spreadingFactor codeRate polarizationInversion"),
        *_all("/txInfo/modulation/fsk", "frequencyDeviation datarate"),
    ),
)
THINGSBOARD = Envelope(
    title="ThingsBoard",
    payload="/values",
    more=("", "/*/values", "/*"),
    fixed={"/ts": "time", "/*/ts": "time"},
)
SENTILO = Envelope(title="Sentilo", fixed={"/observations/*/value": VALUE, "/observations/*/timestamp": "time_dmy"})
ECO = Envelope(
    title="Eco-counter",
    fixed={"/*/counts": VALUE, "/*/isoDate": "time"},
    dropped=("/*/date", "/*/status"),
)
AXIS = Envelope(
    title="Axis",
    fixed={
        "/in": "total_towards",
        "/out": "total_away",
        "/timestamp": "time",
        "/data/*/in": "towards",
        "/data/*/out": "away",
        "/data/*/start": "time",
        "/data/*/end": "end",
    },
    dropped=("/serial", "/name"),
)

ENVELOPES: Mapping[str, Envelope] = {
    "ttn-v3": TTN,
    "chirpstack-v4": CHIRPSTACK,
    "thingsboard": THINGSBOARD,
    "sentilo": SENTILO,
    "eco-counter": ECO,
    "axis-counts": AXIS,
}
"""Every known envelope by the format's name in the register."""
