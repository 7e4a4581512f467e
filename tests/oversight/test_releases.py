"""The release register holds every delivery, with the recording it was made from, and names no staff in its table."""

from __future__ import annotations

from recordings import NOBODY, life

from peelian.kernel.identity.step_up import prove
from peelian.kernel.verbs.delivery import deliver
from peelian.oversight.footage.releases import release_table, releases


def test_each_delivery_is_registered_newest_first() -> None:
    made = life()
    kernel, clerk = made.town.kernel, made.town.people["clerk"]
    assert releases(kernel) == ()
    prove(kernel, clerk)
    first, second = (deliver(kernel, clerk, made.decision, lambda file, to: file.read()) for _ in range(2))
    newest, oldest = releases(kernel)
    assert (newest.index, oldest.index) == (second.index, first.index)
    assert (oldest.recording, oldest.package, oldest.case) == (made.item, made.package, made.decision.case)
    assert (oldest.recipient, oldest.who, oldest.until) == (NOBODY, "clerk", first.until)
    assert "who" not in release_table((oldest,)).names
