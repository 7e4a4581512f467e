"""Risk assessment: the audit of an instrument that scores people, from counts and never from people."""

from peelian.governance.capability import Technology

TECHNOLOGY = Technology(id="risk", title="Risk assessment", capabilities=())
