"""Doors of oversight's acts: each is one, in this process or through the registrar's socket."""

from __future__ import annotations

from peelian.kernel.model.doors import PERSON, PROGRAM, Door, Enters, Leaves, Suspended, doors

DOORS: tuple[Door, ...] = (
    *doors(PERSON, Enters.WORDS, Leaves.RELEASED, Suspended.STOPS, "sensors.release.release"),
    *doors(PERSON, Enters.WORDS, Leaves.NOTHING, Suspended.GOES_ON, "drift.checked"),
    *doors(PROGRAM, Enters.WORDS, Leaves.NOTHING, Suspended.ANY, "breach.damage.report_damage"),
    *doors(
        PERSON,
        Enters.WORDS,
        Leaves.NOTHING,
        Suspended.GOES_ON,
        "assessment.signing.approve",
        "assessment.signing.explain",
        "assessment.signing.review",
        "assessment.signing.sign",
        "assessment.signing.submitted",
        "assessment.tools.move",
        "assessment.tools.report",
    ),
    *doors(
        PERSON,
        Enters.WORDS,
        Leaves.NOTHING,
        Suspended.ANY,
        "breach.containment.key_destroyed",
        "breach.containment.rotate_keys",
        "breach.incident.amend",
        "breach.incident.merge",
        "breach.incident.open_incident",
        "breach.incident.separate",
        "transparency.contact.state_contact",
        "assessment.documents.assess_rights",
        "assessment.documents.bind_vendor",
        "assessment.documents.produce",
        "review.privileges.sign_off",
        "review.people.list_roster",
        "review.people.list_staff",
        "review.people.list_subjects",
        "review.sampling.pledge",
        "review.week.draw_week",
        "review.week.sign_off",
    ),
    *doors(PERSON, Enters.WORDS, Leaves.RECORDS, Suspended.ANY, "review.subjects.answer"),
)
"""Every act of oversight by its name after `peelian.oversight.` (`kernel/state/acts.ACTS`)."""
