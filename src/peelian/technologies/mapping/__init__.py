"""Predictive mapping: where and when reported incidents are expected, as counts per place and period, with proof."""
