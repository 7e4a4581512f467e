"""Green Button (ESPI) XML: the energy of an area of homes; the record of one home only within a warrant's scope.

The file itself says whose it is: a feed whose links lead to a retail customer, or with several usage points, is a
record of homes, whatever the register calls its sender. Parsed by expat with no document type, no entities, and limits
on size, depth and text (NAESB REQ.21, espiDerived.xsd).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.parsers import expat

from peelian.errors import InputError, PeelianError, sentence
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.listing import FIRST_YEAR, LAST_YEAR, never, not_listed, number, sized
from peelian.technologies.sensors.warrants import SINGLE_METER, Scope, why_not

MOST_BYTES = 8 << 20
DEEPEST = 16
LONGEST_TEXT = 4_096
WATT_HOURS = 72  # ESPI UomType
SPACES = frozenset({"http://www.w3.org/2005/Atom", "http://naesb.org/espi"})
_ELEMENTS = """
feed entry id title updated published link content UsagePoint ServiceCategory kind status MeterReading
ReadingType accumulationBehaviour commodity currency dataQualifier flowDirection intervalLength phase
powerOfTenMultiplier timeAttribute uom IntervalBlock interval duration start IntervalReading cost timePeriod
value ReadingQuality quality LocalTimeParameters dstEndRule dstOffset dstStartRule tzOffset
ElectricPowerUsageSummary ElectricPowerQualitySummary billLastPeriod billToDate billingPeriod
costAdditionalLastPeriod currentBillingPeriodOverAllConsumption overallConsumptionLastPeriod qualityOfReading
statusTimeStamp timeStamp
"""
LISTED = frozenset(_ELEMENTS.split())
"""Every element that may be there; of most, nothing is kept. A customer's name or address is in none of them."""

ELEMENTS = {f"{space} {name}": name for space in SPACES for name in LISTED}
COUNTED = frozenset({"UsagePoint", "ReadingType"})
NUMBERS = frozenset({"start", "duration", "value", "powerOfTenMultiplier", "uom"})
ATTRIBUTES = frozenset({"rel", "href", "type", "schemaLocation"})


@dataclass(slots=True)
class _Feed:
    """What is being read: the path down to here, and the few numbers that are kept."""

    path: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    wanted: bool = False  # whether the text of this element is a number that may be kept
    points: int = 0
    customer: bool = False
    power: int | None = None
    unit: int | None = None
    types: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    readings: list[tuple[int, int, int]] = field(default_factory=list)  # start, seconds, value

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element opens: it must be listed, and so must its attributes."""
        local = ELEMENTS.get(name)
        if local is None:
            raise not_listed(name.rpartition(" ")[2], "Green Button")
        if attributes:
            self._look_at(attributes)
        if len(self.path) >= DEEPEST:
            raise InputError("file nested too deeply", accepted=sentence("at most %(most)d levels", most=DEEPEST))
        self.path.append(local)
        self.wanted = local in NUMBERS
        if self.wanted:
            self.text.clear()
        elif local in COUNTED:
            self.points += local == "UsagePoint"
            self.types += local == "ReadingType"

    def _look_at(self, attributes: dict[str, str]) -> None:
        for key, value in attributes.items():
            if key.rpartition(" ")[2] not in ATTRIBUTES:
                raise not_listed(key.rpartition(" ")[2], "Green Button, attribute")
            self.customer |= "RetailCustomer" in value

    def words(self, text: str) -> None:
        """Text within an element; the parser hands it over whole, or in pieces that are too long themselves."""
        if len(text) > LONGEST_TEXT:
            raise InputError("text too long", accepted=sentence("at most %(most)d characters", most=LONGEST_TEXT))
        if self.wanted:
            self.text.append(text)

    def end(self, name: str) -> None:
        """An element closes: numbers of interval readings and of the reading type are kept."""
        local = self.path.pop()
        if self.wanted:
            self.wanted = False
            self._number(local, self.path[-1] if self.path else "")
        elif local == "IntervalReading":
            self._keep()

    def _number(self, local: str, parent: str) -> None:
        if parent == "timePeriod" and "IntervalReading" in self.path and local in ("start", "duration"):
            self.numbers[local] = self._whole(local)
        elif parent == "IntervalReading" and local == "value":
            self.numbers["value"] = self._whole(local)
        elif parent == "ReadingType" and local == "powerOfTenMultiplier":
            self.power = self._whole(local)
        elif parent == "ReadingType" and local == "uom":
            self.unit = self._whole(local)

    def _whole(self, name: str) -> int:
        text = "".join(self.text).strip()
        try:
            found = int(text) if len(text) <= 15 else None
        except ValueError:
            found = None
        if found is None:
            raise InputError("not a whole number", column=name, accepted="whole numbers")
        return found

    def _keep(self) -> None:
        if set(self.numbers) != {"start", "duration", "value"}:
            raise InputError("incomplete interval reading", accepted="start, duration and value")
        self.readings.append((self.numbers["start"], self.numbers["duration"], self.numbers["value"]))
        self.numbers.clear()


def decode_espi(data: bytes, sensor: Sensor, scope: Scope | None = None, used: int = 0) -> tuple[Reading, ...]:
    """Every interval reading, in kWh.

    Refused: an element off the list; a record of single homes without a warrant that opens it, reading by reading.
    InputError: no XML, a document type or an entity, too large or too deep, no energy. O(bytes).
    """
    feed = _parsed(sized(data, MOST_BYTES))
    single = feed.customer or feed.points != 1 or sensor.kind != "energy_area" or sensor.homes < 2
    readings = _readings(feed, sensor)
    if single:
        _within(scope, sensor, readings, used)
    return readings


def _parsed(data: bytes) -> _Feed:
    feed = _Feed()
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler = feed.begin
    parser.EndElementHandler = feed.end
    parser.CharacterDataHandler = feed.words
    parser.StartDoctypeDeclHandler = _no_type
    parser.EntityDeclHandler = _no_type
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise InputError("not XML in UTF-8", accepted="a Green Button file") from None
    return feed


def _no_type(*_: object) -> None:
    raise InputError("DOCTYPE not allowed", accepted="XML without DOCTYPE and entities")


def _readings(feed: _Feed, sensor: Sensor) -> tuple[Reading, ...]:
    if not feed.readings:
        raise InputError("no interval reading", accepted="a Green Button file with interval blocks")
    if feed.types != 1 or feed.unit != WATT_HOURS or not -9 <= (feed.power or 0) <= 9:
        raise InputError("readings not in watt-hours", column="uom", accepted="one reading type, uom 72")
    factor = 10.0 ** (feed.power or 0) / 1000
    return tuple(
        Reading(
            sensor=sensor.id,
            time=_at(start),
            what="energy",
            values={"kwh": number(value * factor, "value", 0, 1e12), "seconds": number(seconds, "duration", 0, 32e6)},
        )
        for start, seconds, value in feed.readings
    )


def _at(start: int) -> datetime:
    try:
        at = datetime.fromtimestamp(start, UTC)
    except (ValueError, OverflowError, OSError):
        at = datetime(1, 1, 1, tzinfo=UTC)
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        accepted = sentence("years %(low)d to %(high)d", low=FIRST_YEAR, high=LAST_YEAR)
        raise InputError("time out of range", column="start", accepted=accepted)
    return at


def _within(scope: Scope | None, sensor: Sensor, readings: tuple[Reading, ...], used: int) -> None:
    for n, reading in enumerate(readings):
        says = why_not(
            scope, sensor=sensor.id, cell=sensor.area, operation=SINGLE_METER, at=reading.time, used=used + n
        )
        if says:
            refusal: PeelianError = never("Green Button, record of single homes", says)
            raise refusal
