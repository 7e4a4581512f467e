"""Audits from Python: frames in, conclusions, tables, charts and papers out. Made outside any office."""

from peelian.audit.doors import faces, risk
from peelian.audit.papers import Paper
from peelian.audit.result import Audit

__all__ = ["Audit", "Paper", "faces", "risk"]
