"""Audits from Python: frames in, conclusions, tables, charts and documents out. Made outside any office."""

from peelian.audit.auditing import faces, risk
from peelian.audit.documents import Document
from peelian.audit.result import Audit

__all__ = ["Audit", "Document", "faces", "risk"]
