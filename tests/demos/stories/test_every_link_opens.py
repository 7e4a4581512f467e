"""No page of the town leads its reader to a page that turns them away: every link that a role is shown opens."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from demo_town import Built
from playing import MATRIX
from starlette.testclient import TestClient

from peelian.demos.switch import NOBODY, TITLES, make_switch

HERE = "http://localhost"
NAMES = re.compile(r"c-[0-9a-f]{10}|[0-9a-f]{12,}|(?<=/)[a-z]+-[0-9a-z-]+|\d+")
"""What differs between two pages of one kind: case, digest, sensor, dataset, number."""

LINKS = re.compile(r'<a\b(?![^>]*\bdownload)[^>]*\bhref="([^"#?]+)[^"]*"')


@pytest.mark.parametrize("who", [NOBODY, *TITLES] if MATRIX else ["kay"])
def test_every_link_that_a_role_is_shown_opens(built: Built, tmp_path: Path, who: str) -> None:
    with built.copy(tmp_path / "town") as office:
        app, here = make_switch(office), {"origin": HERE}
        client = TestClient(app, base_url=HERE, follow_redirects=True, headers=here, client=("127.0.0.1", 5_000))
        client.post("/en/play", data={"person": who})
        kinds: Counter[str] = Counter()
        waiting, shut = [("/en/desk" if who != NOBODY else "/en/", "")], []
        for address, shown_at in waiting:
            got = client.get(address)
            if got.status_code != 200:
                shut.append(f"{address} ({got.status_code}), shown at {shown_at}")
            for link in LINKS.findall(got.text) if got.headers["content-type"].startswith("text/html") else ():
                kind = NAMES.sub("x", link)
                if link.startswith("/en/") and kinds[kind] < 2 and link not in {known for known, _ in waiting}:
                    kinds[kind] += 1
                    waiting.append((link, address))
        assert shut == [] and len(waiting) > 30
