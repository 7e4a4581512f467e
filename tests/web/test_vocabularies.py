"""The public page of areas and groups."""

from __future__ import annotations

from desk import desk
from fastapi.testclient import TestClient
from labels import adopt, own_square

from peelian.kernel.model.labels import LabelKind, outline_digest
from peelian.web.app import make_app


def test_everybody_sees_what_was_adopted_in_both_languages() -> None:
    town = desk()
    with TestClient(make_app(town.office), base_url="http://localhost") as client:
        assert "No labels adopted" in client.get("/en/vocabularies").text
        people = (town.people["custodian"], town.people["board"])
        adopt(town.kernel, *people, LabelKind.AREA, ["Riverdale"])
        page, french = client.get("/en/vocabularies").text, client.get("/fr/vocabularies").text
        assert "Riverdale" in page and "5,000" in page and "Riverdale" in french and "Secteurs" in french
        (made,) = client.get("/data/vocabularies.json").json()
        assert "boundary adopted" in page and "adoptées" in french
        (label,) = made["labels"]
        assert made["kind"] == "area"
        outline = outline_digest(own_square("Riverdale"))
        assert label == {"label": "Riverdale", "people": 5000, "function": "downtown", "outline_sha256": outline}
        table = client.get("/data/vocabularies.csv").text.splitlines()
        assert table[0] == "kind,source,label,people,function" and table[1].endswith(",Riverdale,5000,downtown")
        assert client.get("/xx/vocabularies").status_code == 404
