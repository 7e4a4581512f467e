"""Shapes of footage datasets: recordings, redaction plans, redacted copies, packages, lists."""

from __future__ import annotations

FOOTAGE = "footage"  # an original: it comes in through the format `video` and is never changed
PLAN = "redaction_plan"  # comes in through the format `redaction-plan`, or is proposed inside
REDACTED = "redacted_footage"  # made by `footage.redact` only
PACKAGE = "footage_package"  # made by `footage.disclose` only
DISPATCH = "dispatch"  # calls: unit, type, times of arrival and clearing
RECORDINGS = "recordings"  # when which unit's cameras were on, muted, and why they were stopped
REASONS = (
    "call_over",
    "private_place",
    "witness_asked",
    "medical_care",
    "informant",
    "privileged_talk",
    "supervisor",
    "equipment",
    "none_given",
    "other",
)
"""Why a camera was stopped or muted. IPC Ontario, Model Governance Framework for Body-worn Cameras (2021), section on
deactivation: each has its reason, said aloud or written down."""
CALL_TYPES = (
    "alarm", "arrest", "assault", "assistance", "break_in", "check", "collision", "complaint", "crisis", "disturbance",
    "domestic", "emergency", "event", "fire", "foot_patrol", "fraud", "medical", "mental_health", "missing_person",
    "noise", "parking", "pursuit", "robbery", "search", "stop", "theft", "traffic", "traffic_stop", "transport",
    "trespass", "vehicle_stop", "warrant", "weapon", "welfare", "welfare_check",
)  # fmt: skip
"""What a call is about, in words that need no register of labels."""
FEWEST_PUBLIC = 11  # of calls or deactivations, in what is public
THRESHOLD = 0.1  # of what the detector takes for a face, from 0 to 1
