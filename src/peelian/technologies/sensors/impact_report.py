"""The surveillance impact report of the town's sensors: the sections of Seattle's (SMC 14.18.040 and its template).

What the register knows is filled in; what only people can say is asked for, and an open question is shown as one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from peelian.kernel.model.sensors import KINDS, PURPOSES
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Say
from peelian.technologies.sensors.open_data import Shown

Facts = Callable[[Sequence[Shown], Say], list[Panel]]

OPEN = "Unanswered. The report is incomplete without it."


def impact_panels(entries: Sequence[Shown], answers: Mapping[str, str], say: Say) -> Panels:
    """The report: every section with what is known and with the town's own answer by the section's key."""
    panels: list[Panel] = [still_open(len(unanswered(answers)), len(SECTIONS), say)]
    for key, title, facts in SECTIONS:
        panels.append(Heading(text=say(title)))
        panels += facts(entries, say)
        panels.append(answer(answers.get(key, ""), say))
    return panels


def unanswered(answers: Mapping[str, str]) -> tuple[str, ...]:
    """Keys of the unanswered sections."""
    return tuple(key for key, _, _ in SECTIONS if not answers.get(key, "").strip())


def answer(text: str, say: Say) -> Paragraph:
    """The town's answer, or a warning that it is missing."""
    return Paragraph(text=text.strip()) if text.strip() else Paragraph(text=say(OPEN), tone="warning")


def still_open(left: int, every: int, say: Say) -> Paragraph:
    """Number of unanswered sections."""
    if not left:
        return Paragraph(text=say("All sections answered."), tone="good")
    return Paragraph(text=say("%(n)d of %(all)d sections unanswered.", n=left, all=every), tone="warning")


def _live(entries: Sequence[Shown]) -> list[Shown]:
    return [each for each in entries if each.state == "registered"]


def _abstract(entries: Sequence[Shown], say: Say) -> list[Panel]:
    live = _live(entries)
    personal = sum(each.sensor.personal_data for each in live)
    told = say(
        "Registered sensors: %(n)d, of which collecting personal data: %(personal)d.", n=len(live), personal=personal
    )
    return [Paragraph(text=told)]


def _overview(entries: Sequence[Shown], say: Say) -> list[Panel]:
    tally = Counter((e.sensor.kind, e.sensor.purpose) for e in _live(entries))
    rows = tuple((say(KINDS[kind]), say(PURPOSES[why]), f"{n:,}") for (kind, why), n in sorted(tally.items()))
    if not rows:
        return []
    titles = (say("Type"), say("Purpose"), say("sensors"))
    return [Grid(caption=say("Sensors by type and purpose"), titles=titles, rows=rows, numeric=frozenset({2}))]


def _governance(entries: Sequence[Shown], say: Say) -> list[Panel]:
    return [
        Paragraph(
            text=say(
                "A sensor can send data only while it is registered. A named person renews the "
                "registration, or it expires on its end date."
            )
        ),
        Paragraph(text=say("Readings cannot raise alarms during the first 28 days.")),
        Paragraph(text=say("Detailed data needs a warrant naming sensors, places, times and number of readings.")),
    ]


def _collection(entries: Sequence[Shown], say: Say) -> list[Panel]:
    return [
        Paragraph(text=say("Only listed fields are accepted. A message with any other field is refused entirely.")),
        Paragraph(text=say("Readings are summed in memory over 15 minutes or more. Single readings are not kept.")),
    ]


def _retention(entries: Sequence[Shown], say: Say) -> list[Panel]:
    rows = tuple(
        (e.sensor.title, say("%(n)d days", n=e.sensor.retention_days), e.sensor.ends)
        for e in sorted(_live(entries), key=lambda e: -e.sensor.retention_days)
    )
    told = Paragraph(text=say("15-minute sums are kept for at most 90 days."))
    titles = (say("Sensor"), say("Retention"), say("Until"))
    return [told, Grid(caption=say("Retention by sensor"), titles=titles, rows=rows)] if rows else [told]


def _sharing(entries: Sequence[Shown], say: Say) -> list[Panel]:
    return [
        Paragraph(text=say("Public counts carry noise. Counts under 15 are shown as <15.")),
        Paragraph(
            text=say(
                "Public energy figures cover at least 100 homes and one day. Figures inside the town cover "
                "at least 15 homes and one hour."
            )
        ),
    ]


def _legal(entries: Sequence[Shown], say: Say) -> list[Panel]:
    told = say(
        "The warrant requirement is this town’s policy. Courts have allowed police more (R v Tessling, R v Gomboc)."
    )
    return [Paragraph(text=told)]


def _enforcement(entries: Sequence[Shown], say: Say) -> list[Panel]:
    return [Paragraph(text=say("A named person signs every action. Outsiders can verify the log."))]


def _fiscal(entries: Sequence[Shown], say: Say) -> list[Panel]:
    vendors = sorted({e.sensor.vendor for e in _live(entries) if e.sensor.vendor})
    return [Paragraph(text=say("Vendors named: %(names)s", names=", ".join(vendors)))] if vendors else []


def _nothing(entries: Sequence[Shown], say: Say) -> list[Panel]:
    return []


def _areas(entries: Sequence[Shown], say: Say) -> list[Panel]:
    tally = Counter(e.sensor.area for e in _live(entries))
    rows = tuple((area, f"{n:,}") for area, n in tally.most_common())
    if not rows:
        return []
    titles = (say("Area"), say("sensors"))
    return [Grid(caption=say("Sensors by area"), titles=titles, rows=rows, numeric=frozenset({1}))]


SECTIONS: tuple[tuple[str, str, Facts], ...] = (
    ("abstract", "Abstract", _abstract),
    ("overview", "Technology and project", _overview),
    ("governance", "Authorized users and rules", _governance),
    ("collection", "Data collected and its use", _collection),
    ("retention", "Storage, retention and deletion", _retention),
    ("sharing", "Sharing and accuracy", _sharing),
    ("legal", "Legal obligations and risks", _legal),
    ("enforcement", "Monitoring and enforcement", _enforcement),
    ("fiscal", "Costs", _fiscal),
    ("expertise", "Expertise and references", _nothing),
    ("equity", "Equity and engagement", _areas),
    ("liberties", "Privacy and civil liberties assessment", _nothing),
)
"""Key of the town's answer, the section's title, and what the register knows of it."""
