"""Secrets of an incident at the pages: each that was in what was taken, whether it was replaced, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from peelian.kernel.state.kernel import Kernel
from peelian.oversight.breach.incident import Incident
from peelian.oversight.breach.taken_secrets import Standing, is_contained, secrets_standing
from peelian.pictures.panels import Grid, Panel, Paragraph, Say

STATES = {"replaced": "replaced", "in_use": "STILL IN USE", "stays": "cannot be replaced"}
READABLE = "What the copy itself holds stays readable to whoever has it and its keys. No new key changes that."
NOT_LOOKED = (
    "Nobody has looked yet which secrets the copy holds. A custodian does: peelian key exposed FOLDER --incident %(id)s"
)


def secret_panels(kernel: Kernel, incident: Incident, say: Say) -> Iterator[Panel]:
    """Whether an incident is contained, as the log has it, and the list of its secrets; nothing where none was taken
    that anybody knows of."""
    if not incident.secrets:
        if "copy_lost" in incident.circumstances:
            yield Paragraph(text=say(NOT_LOOKED, id=incident.id), tone="warning")
        return
    found = secrets_standing(kernel, incident.secrets)
    if is_contained(found):
        yield Paragraph(text=say("Contained: every secret in what was taken was replaced."), tone="good")
    else:
        yield Paragraph(text=say("NOT CONTAINED: not every secret in what was taken is replaced."), tone="warning")
    titles = (say("Secret"), say("State"), say("What to do"))
    rows = tuple((one.secret.place, _state(one, say), say(one.remedy) if one.remedy else "–") for one in found)
    yield Grid(caption=say("Secrets in what was taken"), titles=titles, rows=rows)
    yield Paragraph(text=say(READABLE), tone="limit")


def _state(one: Standing, say: Say) -> str:
    if one.secret.how and one.state == "replaced":
        return say("replaced, stated on %(day)s: %(how)s", day=one.secret.replaced_at[:10], how=one.secret.how)
    return say(STATES[one.state])


def not_contained(kernel: Kernel, incident: Incident) -> bool:
    """Whether a secret in what was taken is not replaced."""
    return not is_contained(secrets_standing(kernel, incident.secrets))
