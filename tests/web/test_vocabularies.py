"""The public page of areas and groups."""

from __future__ import annotations

from desk import desk
from fastapi.testclient import TestClient
from labels import adopt

from peelian.kernel.model.labels import LabelKind
from peelian.web.app import make_app


def test_everybody_sees_what_was_adopted_in_both_languages() -> None:
    town = desk()
    with TestClient(make_app(town.office), base_url="http://localhost") as client:
        assert "No labels adopted" in client.get("/en/vocabularies").text
        people, bounds = (town.people["custodian"], town.people["board"]), {"Riverdale": "ab12"}
        adopt(town.kernel, *people, LabelKind.AREA, ["Riverdale"], bounds=bounds)
        page, french = client.get("/en/vocabularies").text, client.get("/fr/vocabularies").text
        assert "Riverdale" in page and "5000" in page and "Riverdale" in french and "Secteurs" in french
        (made,) = client.get("/data/vocabularies.json").json()
        assert "boundary adopted" in page and "adoptées" in french
        (label,) = made["labels"]
        assert made["kind"] == "area"
        assert label == {"label": "Riverdale", "people": 5000, "function": "", "outline_sha256": "ab12"}
        table = client.get("/data/vocabularies.csv").text.splitlines()
        assert table[0] == "kind,source,label,people,function" and table[1].endswith(",Riverdale,5000,")
        assert client.get("/xx/vocabularies").status_code == 404
