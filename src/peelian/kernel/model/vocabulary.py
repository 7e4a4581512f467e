"""Vocabulary: purposes, roles and kinds of authorization."""

from __future__ import annotations

from enum import StrEnum

Scalar = int | float | str | bool
NOISE_SPENT, NOISE_DRAWN = "NOISE_SPENT", "NOISE_DRAWN"  # entries of the log: what noise cost, and that it was drawn


class Purpose(StrEnum):
    """What a use is for. A dataset and a capability each list the purposes they may serve."""

    PROOF = "proof"  # to prove accuracy on held-out data
    ADVICE = "advice"  # to advise a person who decides
    AUDIT = "audit"  # to audit an instrument, a matcher or a vendor
    SAFETY = "safety"  # to keep a crowd or a place safe
    DISCLOSURE = "disclosure"  # to hand a record to somebody entitled to it
    OVERSIGHT = "oversight"  # to check a use


class Role(StrEnum):
    """What a person of the office may be asked to do."""

    ANALYST = "analyst"
    COMMANDER = "commander"
    BOARD = "board"
    COUNCIL = "council"
    PRIVACY_OFFICER = "privacy_officer"
    AUDITOR = "auditor"
    CLERK = "clerk"
    DISPATCHER = "dispatcher"
    CUSTODIAN = "custodian"  # city IT: admits data, keeps keys


class AuthorizationKind(StrEnum):
    """Authorities: the signed documents a capability may need."""

    COUNCIL_APPROVAL = "council_approval"
    IMPACT_ASSESSMENT = "impact_assessment"
    ACCEPTANCE_CRITERIA = "acceptance_criteria"  # the acceptance criteria, fixed before the test
    ACCURACY_REPORT = "accuracy_report"  # earned by a case that a board adopted
    CONSENT_MANIFEST = "consent_manifest"
    WARRANT = "warrant"
    DISCOVERED_OFFENCES = (
        "discovered_offences"  # the recorded decision that admits police-initiated records as training data
    )
