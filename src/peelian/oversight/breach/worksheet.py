"""The worksheet of harm in words: its questions and answers, what it comes to, and what can be read of each dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from peelian.oversight.breach.incident_entry import Incident
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say

QUESTIONS: Mapping[str, str] = {
    "sensitivity": "How sensitive is the information?",
    "likelihood": "How likely is misuse?",
    "mitigation": "How far can the harm be repaired?",
}
LEVELS: Mapping[str, str] = {"low": "Low", "medium": "Medium", "high": "High"}
EXPOSED: Mapping[str, str] = {
    "readable": "Readable",
    "encrypted": "Encrypted, keys safe",
    "unknown": "Not known whether readable",
    "none": "Nothing left the office",
}
RULES: Mapping[str, str] = {
    "nothing_left_the_office": "No real risk of significant harm: nothing left the office.",
    "the_keys_are_safe": "No real risk of significant harm: the copied data cannot be read, and its keys are safe.",
    "the_harm_was_undone": "No real risk of significant harm: the harm was repaired and the data is not sensitive.",
    "neither_sensitive_nor_likely": "No real risk of significant harm: not sensitive and misuse unlikely.",
    "in_doubt_people_are_told": "There is a real risk of significant harm. The people concerned must be notified.",
}


def worksheet_panels(incident: Incident, say: Say) -> Iterator[Panel]:
    """The worksheet of harm with its reasons, and what can be read of each dataset."""
    harm = incident.harm
    if harm:
        yield Heading(text=say("Harm assessment"))
        yield Paragraph(text=say(RULES[str(harm["rule"])]), tone="warning" if harm["real_risk"] else "good")
        rows = tuple(
            (say(title), say(LEVELS[str(harm[name])]), say(str(harm[f"why_{name}"])))
            for name, title in QUESTIONS.items()
        )
        titles = (say("Question"), say("Answer"), say("Reason"))
        yield Grid(caption=say("Is there a real risk of significant harm?"), titles=titles, rows=rows)
    if incident.exposure:
        rows2 = tuple((name, say(EXPOSED[word])) for name, word in sorted(incident.exposure.items()))
        yield Grid(caption=say("Readable information"), titles=(say("Dataset"), say("Exposure")), rows=rows2)
