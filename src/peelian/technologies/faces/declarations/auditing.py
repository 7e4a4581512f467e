"""The audit of a matcher, from scores or from a histogram of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peelian.kernel.model.capability import Asks, Capability, Purpose, Read, Role, deferred
from peelian.technologies.faces.declarations.shapes import BOUNDS, CANDIDATES, HISTOGRAM, MATES, SCORES, SUBJECTS
from peelian.technologies.faces.declarations.tables import EMITS
from peelian.technologies.faces.params import AuditParams, HistogramParams, different_thresholds


def audit(params: type[Any], together: Callable[[Any], None] = lambda params: None) -> Asks:
    """An audit: analysts, auditors and the privacy officer request it, board or council decide."""
    return Asks(
        params=params,
        together=together,
        purposes=frozenset({Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST, Role.AUDITOR, Role.PRIVACY_OFFICER}),
        deciders=frozenset({Role.BOARD, Role.COUNCIL}),
    )


AUDIT = Capability(
    id="faces.audit",
    warrant="No warrant needed, because it scores results of a matcher under pseudonyms, and searches for nobody.",
    title="Face matcher audit",
    about=(
        "Measures a face matcher's error rates by group from score files, with intervals and expected "
        "errors in use. It identifies nobody."
    ),
    asks=audit(AuditParams, different_thresholds),
    reads=(
        Read(role="scores", title="scores", shape=SCORES),
        Read(role="more_scores", title="additional scores", shape=SCORES, optional=True),
        Read(role="subjects", title="subjects", shape=SUBJECTS, optional=True),
        Read(role="calibration", title="calibration", shape=SCORES, optional=True),
        Read(role="candidates", title="candidates", shape=CANDIDATES, optional=True),
        Read(role="mates", title="mated searches", shape=MATES, optional=True),
    ),
    emits=EMITS,
    arithmetic=deferred("peelian.technologies.faces.auditing:AUDIT_ARITHMETIC"),
)


HISTOGRAM_AUDIT = Capability(
    id="faces.histogram",
    warrant="No warrant needed, because it scores results of a matcher under pseudonyms, and searches for nobody.",
    title="Score histogram audit",
    about=("Repeats a matcher audit at given thresholds from a histogram, after the raw scores were destroyed."),
    asks=audit(HistogramParams, different_thresholds),
    reads=(
        Read(role="histogram", title="histogram", shape=HISTOGRAM),
        Read(role="more_histogram", title="additional histogram", shape=HISTOGRAM, optional=True),
        Read(role="bounds", title="bounds from subjects", shape=BOUNDS, optional=True),
        Read(role="scores", title="scores", shape=SCORES, optional=True),
    ),
    emits=EMITS,
    arithmetic=deferred("peelian.technologies.faces.auditing:HISTOGRAM_AUDIT_ARITHMETIC"),
)
