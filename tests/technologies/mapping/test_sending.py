"""Ways to send patrols: each has a title, and each title its French."""

from __future__ import annotations

from peelian.catalogues import say_in
from peelian.technologies.mapping.declarations.sending import SENDING, Sending


def test_every_way_to_send_has_its_title_in_french() -> None:
    say = say_in("fr", ["peelian.technologies.mapping"], strict=True)
    assert set(SENDING) == {str(way) for way in Sending}
    assert all(say(title) != title for title in SENDING.values())
