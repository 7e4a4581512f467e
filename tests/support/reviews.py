"""An office with a made recording whose proposal waits for a review."""

from __future__ import annotations

from typing import Any

import clips
from desk import Desk, declared, desk, entitle

from peelian.kernel import verbs
from peelian.kernel.verbs import custody
from peelian.operations.office import technologies
from peelian.technologies.footage.proposal.declared import ProposeParams


def ready_desk(pictures: int = 12, **how: Any) -> tuple[Desk, str, clips.Clip]:
    """The office, the proposing case, and the recording."""
    town = desk(technologies())
    clip = clips.clip(seed=4, pictures=pictures, **how)
    entitle(town.kernel, town.people["council"])
    item = custody.keep(
        town.kernel,
        town.people["custodian"],
        declared("disclosure"),
        clip.open(),
        format="video",
        options={"recorded_at": "2026-03-01T10:00:00+00:00"},
    )
    clerk = town.people["clerk"]
    permit = verbs.ask(
        town.kernel,
        clerk,
        "footage.propose",
        purpose="disclosure",
        params=ProposeParams(),
        datasets={"item": item.dataset},
    )
    evidence, _ = verbs.run(town.kernel, clerk, permit)
    return town, evidence.case, clip
