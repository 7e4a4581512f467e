"""Alarms as Common Alerting Protocol 1.2 (OASIS, 1 July 2010): Alert, Update, Ack, Cancel; drills as Exercise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring  # written here, never read: nothing foreign is parsed

from peelian.kernel.model.alarms import Move
from peelian.kernel.model.watch import Level
from peelian.storage.durable_files import put_durably

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
TYPES: Mapping[str, str] = {
    "raised": "Alert",
    "risen": "Update",
    "opened": "Update",
    "reopened": "Update",
    "resumed": "Update",
    "decided": "Update",
    "disposed": "Update",
    "shelved": "Update",
    "out_of_service": "Update",
    "acked": "Ack",
    "closed": "Cancel",
}
"""What is sent about which step; of the others nothing is."""
_SCALE: Mapping[Level, tuple[str, str]] = {
    Level.NOTICE: ("Expected", "Minor"),
    Level.WARNING: ("Expected", "Moderate"),
    Level.URGENT: ("Immediate", "Severe"),
}
_RESPONSES: Mapping[str, str] = {"dispatch help": "Execute", "watch": "Monitor", "dismiss": "AllClear"}
QUIET = frozenset({"silent", "suppressed_by_permit", "joined", "gathering"})


@dataclass(slots=True)
class CapWriter:
    """Writes one message for a step, referring to those before it. `titles` names signal types for people.

    The message follows from the steps of its alarm alone: the same steps give the same bytes and identifiers, so that
    after a restart a writer that is shown the earlier steps again goes on as if nothing had been.
    """

    sender: str  # an address-like name without blanks, commas, < and &
    titles: Mapping[str, str]
    language: str = "en-CA"
    sent: dict[str, list[str]] = field(default_factory=dict)  # alarm → references to what was sent about it

    def message(self, move: Move) -> bytes | None:
        """The message as UTF-8 XML; None for a step about which nothing is sent (a silent alarm, a call…)."""
        kind = TYPES.get(move.step)
        before = self.sent.get(move.alarm, [])
        if kind is None or move.kind == "silent" or (str(move.state) in QUIET and not before):
            return None
        if kind != "Alert" and not before:
            kind = "Alert" if kind == "Update" else ""
        if not kind:
            return None
        sent = cap_time(move.at)
        identifier = f"{move.alarm}.{len(before) + 1}"
        alert = Element("alert", xmlns=NAMESPACE)
        for name, text in (
            ("identifier", identifier),
            ("sender", _token(self.sender)),
            ("sent", sent),
            ("status", "Exercise" if move.kind == "exercise" else "Actual"),
            ("msgType", kind),
            ("scope", "Restricted"),
            ("restriction", "Operators of this town and the services they call"),
        ):
            SubElement(alert, name).text = text
        if before:
            SubElement(alert, "references").text = " ".join(before)
        if kind != "Ack":
            self._info(alert, move, cancelled=kind == "Cancel")
        self.sent.setdefault(move.alarm, []).append(f"{_token(self.sender)},{identifier},{sent}")
        written: bytes = tostring(alert, encoding="utf-8", xml_declaration=True)
        return written

    def _info(self, alert: Element, move: Move, *, cancelled: bool) -> None:
        urgency, severity = ("Past", "Minor") if cancelled else _SCALE[move.level]
        title = self.titles.get(move.type, move.type)
        info = SubElement(alert, "info")
        response = _RESPONSES.get(str(move.detail.get("choice", "")))
        for name, text in (
            ("language", self.language),
            ("category", "Safety"),
            ("event", title),
            ("responseType", response or "Assess"),
            ("urgency", urgency),
            ("severity", severity),
            ("certainty", "Observed"),
            ("headline", f"{title}: {move.zone}"),
            ("instruction", "A person of this town decides what is done."),
        ):
            SubElement(info, name).text = text
        facts = {
            **move.facts,
            "state": str(move.state),
            **{k: v for k, v in move.detail.items() if k in ("disposition", "choice")},
        }
        for name, value in facts.items():
            parameter = SubElement(info, "parameter")
            SubElement(parameter, "valueName").text = name
            SubElement(parameter, "value").text = f"{value:g}" if isinstance(value, float) else str(value)
        area = SubElement(info, "area")
        SubElement(area, "areaDesc").text = move.zone


class CapFolder:
    """A sink of an outlet: each message a file of its own, ALARM.NUMBER.xml, whole or not there."""

    def __init__(self, writer: CapWriter, folder: Path) -> None:
        self._writer, self._folder = writer, folder
        folder.mkdir(parents=True, exist_ok=True)

    def again(self, move: Move) -> None:
        """Remember the message about a step that was told before."""
        self._writer.message(move)

    def tell(self, entry: int, move: Move) -> bool:
        """Write the message about a step, if there is one; False where the disk does not take it."""
        message = self._writer.message(move)
        if message is None:
            return True
        sent = self._writer.sent[move.alarm]
        file = self._folder / f"{move.alarm}.{len(sent)}.xml"
        try:
            put_durably(file, message, unfinished=self._folder / ".unfinished")
        except OSError:
            sent.pop()
            return False
        return True


def cap_time(moment: datetime) -> str:
    """A time as CAP wants it: to the second, with a zone written as digits (section 3.2.1).

    >>> cap_time(datetime(2026, 7, 1, 22, 0, 9, 500, tzinfo=UTC))
    '2026-07-01T22:00:09-00:00'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"


def _token(text: str) -> str:
    return re.sub(r"[\s,<&]+", "-", text)
