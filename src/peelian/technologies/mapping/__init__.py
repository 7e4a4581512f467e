"""Predictive mapping: where and when reported incidents are expected, as counts per place and period, with proof."""

from peelian.governance.capability import Technology

TECHNOLOGY = Technology(id="mapping", title="Predictive mapping", capabilities=())
