"""Topics: which part of the office's state an entry tells of. The entries of one topic are a chain.

Each part of the state is derived from the entries of its topics alone, so that whoever asks for the people of an
office does not read its cases.
"""

from __future__ import annotations

from collections.abc import Mapping

PEOPLE, ACCESS, APPROVALS, AUTHORIZATIONS = "people", "access", "approvals", "authorizations"
TECHNOLOGIES, DATA, PARTITIONS, ALARMS = "technologies", "data", "partitions", "alarms"
SENSORS, RECORDS, NOISE, DUTIES = "sensors", "records", "noise", "duties"

_KINDS: Mapping[str, str] = {
    PEOPLE: "ENROLLED RETIRED FORGOTTEN",
    ACCESS: "PASSKEY_ENROLLED PASSKEY_ENDED",
    APPROVALS: "PROPOSED APPROVED CARRIED_OUT BULK_BEGUN BULK_EXPORTED BULK_UNDONE",
    AUTHORIZATIONS: "ISSUED REVOKED WARRANT_REFUSED WARRANT_LAPSED",
    TECHNOLOGIES: "SUSPENDED RESUMED EXCEPTED",
    DATA: "KEEPING ADMITTED DERIVED TURNED_AWAY SEALED DESTROYED KEY_DESTROYED ROTATING ROTATED CATEGORY TAGGED HELD "
    "RELEASED QUEUED RECOVERED SHREDDED ALLOWED DISALLOWED PARTS_KEPT PARTS_DESTROYED",
    PARTITIONS: "PARTITION_DESTROYED PARTITION_SHREDDED CARRIED KEPT_FOR RESTORED",
    SENSORS: "SENSOR_REGISTERED SENSORS_STATED SENSOR_UPDATED SENSOR_ENDED SENSOR_RELEASED",
    RECORDS: "STAFF_LISTED ROSTERED SUBJECTS_LISTED ASSIGNED PLEDGED SAMPLED REVIEWED ANSWERED INCIDENT AMENDED "
    "DRILL_BEGUN DRILLED ASSESSED PEER_REVIEWED EXPLAINED ENDORSED TOOL_STATED DRIFT_CHECKED RIGHTS_ASSESSED "
    "VENDOR_BOUND PRIVILEGES_REVIEWED PRODUCED VOCABULARY_STATED GROUND_STATED CONTACT_STATED "
    "SUSPENSION_EXPLAINED WARRANT_NOTICED",
    NOISE: "NOISE_SPENT NOISE_DRAWN",
    DUTIES: "SWEPT WITNESS_CHOSEN WITNESSED UNWITNESSED LOG_KEY_REPLACED",
}
_TOPIC = {kind: topic for topic, kinds in _KINDS.items() for kind in kinds.split()}
_OF_ALARMS = ("ALARM_", "WATCH_", "EVENT_", "HANDED_", "GATEWAY_", "SENSOR_FAULT", "SENSOR_WELL")


def topic_of(kind: str) -> str:
    """The topic of an entry of this kind; "" where no part of the state rests on it.

    >>> topic_of("SUSPENDED"), topic_of("ALARM_RAISED"), topic_of("HEARTBEAT")
    ('technologies', 'alarms', '')
    """
    return _TOPIC.get(kind) or (ALARMS if kind.startswith(_OF_ALARMS) else "")
