"""The feed of the register: valid Atom, the same ids whenever it is asked for, and nobody in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from peelian.web.app import make_app
from peelian.web.public.feed import ATOM

IN = {"a": ATOM}


@pytest.mark.parametrize(("language", "says"), [("en", "adopted"), ("fr", "adopté")])
def test_the_feed_is_atom_with_lasting_ids_and_no_person(town: Any, language: str, says: str) -> None:
    public = TestClient(make_app(town.desk.office, public=True), base_url="http://127.0.0.1")
    page = public.get(f"/{language}/register")
    assert f'type="application/atom+xml" href="/{language}/register.atom"' in page.text
    got = public.get(f"/{language}/register.atom")
    assert got.headers["content-type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(got.content)  # noqa: S314 - ours
    assert root.tag == f"{{{ATOM}}}feed"
    for part in [root, *root.findall("a:entry", IN)]:  # RFC 4287, sections 4.1.1 and 4.1.2
        (id_,), (updated,), (title,) = (part.findall(f"a:{name}", IN) for name in ("id", "updated", "title"))
        assert UUID(str(id_.text)) and datetime.fromisoformat(str(updated.text)).tzinfo and title.text
    (entry,) = root.findall("a:entry", IN)
    assert says in str(entry.findtext("a:title", namespaces=IN))
    link = entry.find("a:link", IN)
    assert link is not None and public.get(link.attrib["href"]).status_code == 200
    for person in town.desk.kernel.state.people.values():
        assert person.token not in got.text and f">{person.name}<" not in got.text
    assert public.get(f"/{language}/register.atom").content == got.content
    assert public.get("/de/register.atom").status_code == 404
