"""The room's words: every shape has its own, and the reasons are listed once."""

from __future__ import annotations

from peelian.technologies.footage import TECHNOLOGY, shapes


def test_what_is_made_inside_cannot_come_in_from_outside() -> None:
    names = {shapes.FOOTAGE, shapes.PLAN, shapes.REDACTED, shapes.PACKAGE, shapes.DISPATCH, shapes.RECORDINGS}
    assert len(names) == 6 and len(set(shapes.REASONS)) == len(shapes.REASONS)
    assert not {f.shape for f in TECHNOLOGY.formats()} & {shapes.REDACTED, shapes.PACKAGE}
