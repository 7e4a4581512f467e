"""The printable sign of a sensor (A5 landscape) with everything in its register entry.

Its marks are our own: a hexagon for who, what and why, as DTPR signs have them; a filled one where personal data is.
"""

from __future__ import annotations

from html import escape

from peelian.kernel.model.sensors import KINDS, PURPOSES, SPEAKING, Sensor
from peelian.pictures.panels import Say
from peelian.pictures.svg import drawing, tag, text_width, wrapped

WIDTH, HEIGHT = 840.0, 592.0  # A5 across, in quarter millimetres
INK, WHITE, LINE = "#1c1c22", "#ffffff", "#c9c9d1"
LARGE, MIDDLE, SMALL = 34.0, 20.0, 16.0


def sign(sensor: Sensor, say: Say, address: str = "") -> str:
    """The sign as SVG; `address` is its page in the register. Long texts are wrapped."""
    body = [tag("rect", x=0.0, y=0.0, width=WIDTH, height=HEIGHT, fill=WHITE)]
    top = 56.0
    for line in wrapped(sensor.title, WIDTH - 180, LARGE)[:2]:
        body.append(_text(40, top, line, LARGE, bold=True))
        top += LARGE + 6
    for line in wrapped(sensor.why, WIDTH - 180, MIDDLE)[:3]:
        body.append(_text(40, top, line, MIDDLE))
        top += MIDDLE + 6
    body.append(_hexagon(WIDTH - 84, 84, filled=sensor.personal_data))
    top = max(top, 150) + 6
    body.append(tag("rect", x=40.0, y=top - 12, width=WIDTH - 80, height=1.5, fill=LINE))
    facts = _facts(sensor, say)
    half = (len(facts) + 1) // 2
    for column, part in enumerate((facts[:half], facts[half:])):
        body += _column(part, 40 + column * (WIDTH - 60) / 2, top + 14)
    body += _foot(sensor, say, address)
    alternative = say("Sensor sign: %(title)s", title=sensor.title)
    return drawing(HEIGHT, body, title=sensor.title, description=alternative, width=WIDTH)


def _facts(sensor: Sensor, say: Say) -> list[tuple[str, str]]:
    personal = say("yes") if sensor.personal_data else say("no")
    return [
        (say("Owner"), sensor.owner),
        (say("Type"), say(KINDS[sensor.kind])),
        (say("Purpose"), say(PURPOSES[sensor.purpose])),
        (say("Location"), sensor.place or sensor.area),
        (say("Personal data"), personal),
        (say("Retention"), say("%(n)d days", n=sensor.retention_days)),
        (say("Registered until"), sensor.ends),
        (say("Questions and complaints"), sensor.contact),
    ]


def _column(facts: list[tuple[str, str]], left: float, top: float) -> list[str]:
    made = []
    for name, value in facts:
        made.append(_text(left, top, name, SMALL, colour="#55555f"))
        top += SMALL + 6
        for line in wrapped(value, (WIDTH - 120) / 2, MIDDLE)[:2]:
            made.append(_text(left, top, line, MIDDLE, bold=True))
            top += MIDDLE + 4
        top += 12
    return made


def _foot(sensor: Sensor, say: Say, address: str) -> list[str]:
    counts = say("Sends counts and levels only. No pictures, sound, plates or device identifiers.")
    human = say("Software flags. A named person decides.")
    said = [counts, human] if sensor.kind in SPEAKING and sensor.format else [human]
    lines = [line for text in said for line in wrapped(text, WIDTH - 80, SMALL)]
    lines += wrapped(address, WIDTH - 80, SMALL) if address else []
    top = HEIGHT - 22 - (len(lines) - 1) * (SMALL + 5)
    rule = tag("rect", x=40.0, y=top - SMALL - 12, width=WIDTH - 80, height=1.5, fill=LINE)
    return [rule, *(_text(40, top + i * (SMALL + 5), line, SMALL) for i, line in enumerate(lines))]


def _text(x: float, y: float, words: str, size: float, *, bold: bool = False, colour: str = INK) -> str:
    weight = "700" if bold else "400"
    room = text_width(words, size)
    squeezed = WIDTH - x - 20 if room > WIDTH - x - 20 else None  # one long word: set it closer rather than cut it
    return tag("text", escape(words), x=x, y=y, font_size=size, font_weight=weight, fill=colour, textLength=squeezed)


def _hexagon(x: float, y: float, *, filled: bool) -> str:
    points = " ".join(f"{x + a * 48:.1f},{y + b * 55:.1f}" for a, b in _CORNERS)
    ring = tag("polygon", points=points, fill=INK if filled else WHITE, stroke=INK, stroke_width=5.0)
    dot = tag("circle", cx=x, cy=y, r=12.0, fill=WHITE if filled else INK)
    return ring + dot


_CORNERS = ((0, -1), (1, -0.5), (1, 0.5), (0, 1), (-1, 0.5), (-1, -0.5))
