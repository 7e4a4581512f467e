"""The public contact, proposals that take two, and the witness, all at the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from authentication import at_pages, seated
from browser import gates, served, visit
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser
from real_town import Town, real_town

from peelian.kernel.log import witness_protocol

URL = "https://witness.example/"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with real_town(tmp_path / "office") as made:
        yield made


def test_the_contact_is_stated_and_the_public_reads_it(town: Town) -> None:
    slip = town.does("clerk", "oversight-contact", expects=400, email="nobody", telephone="+1 416 555 0199")
    assert 'id="email-fault"' in slip and 'value="+1 416 555 0199"' in slip
    town.does("clerk", "oversight-contact", email="register@town.example")
    assert town.desk.kinds()[-1] == "CONTACT_STATED"
    assert "register@town.example" in at_pages(town.app).get("/en/contact").text
    assert "register@town.example" in town.at("council").get("/fr/tasks/oversight-contact").text


def test_a_key_rotation_is_proposed_and_approved_by_another_unit(town: Town) -> None:
    town.does("custodian", "proposals-propose", expects=409, what="rotate_keys", reason="too short")
    town.does("custodian", "proposals-propose", expects=409, what="bylaws", reason="this is proposed elsewhere")
    town.does("custodian", "proposals-propose", expects=400, what="moon", reason="nobody proposes this")
    town.does("custodian", "proposals-propose", what="rotate_keys", reason="the yearly rotation is due")
    assert town.desk.kinds()[-1] == "PROPOSED"
    town.approves("board")


def test_the_page_says_where_incidents_are_counted_and_two_people_choose_it(town: Town) -> None:
    for address in ("postgresql://counts", "spark://", "file:///etc"):
        town.does("custodian", "proposals-counts", expects=400, spark=address, reason="fifty million incidents")
    town.does("custodian", "proposals-counts", spark="spark://city:7077", reason="fifty million incidents")
    shown = town.at("custodian").get("/en/tasks/proposals-counts").text
    assert "DuckDB" in shown and "city:7077" not in shown
    town.approves("board")
    for language in ("en", "fr"):
        assert "spark://city:7077" in town.at("clerk").get(f"/{language}/tasks/proposals-counts").text


@pytest.mark.parametrize("url", ["file:///etc/passwd", "witness.example", "", "javascript:alert(1)"])
def test_what_is_no_witness_is_neither_chosen_nor_proposed(town: Town, url: str) -> None:
    before = town.desk.kinds()
    town.does("board", "oversight-choose-witness", expects=400, key=witness_key(), url=url, reason="the board runs one")
    town.does("board", "oversight-choose-witness", expects=400, key="no key", url=URL, reason="the board runs one")
    town.does("custodian", "oversight-choose-witness", expects=400, key="no key", url=URL, reason="the board runs one")
    assert not {"WITNESS_CHOSEN", "PROPOSED"} & set(town.desk.kinds()[len(before) :])


def test_the_board_chooses_the_first_witness_and_two_people_the_next(town: Town) -> None:
    first, second = witness_key(), witness_key()
    town.does("custodian", "oversight-choose-witness", expects=409, key=first, url=URL)
    town.does("board", "oversight-choose-witness", key=first, url=URL)
    assert town.desk.kinds()[-1] == "WITNESS_CHOSEN"
    town.does("board", "oversight-choose-witness", expects=409, key=second, url=URL)
    town.does("custodian", "oversight-choose-witness", key=second, url=URL, reason="the witness moved house")
    assert town.desk.kinds()[-1] == "PROPOSED"
    assert (
        "board.example"
        not in town.at("custodian").get("/en/tasks/oversight-choose-approved-witness").text.partition("<table")[0]
    )
    town.approves("board")
    proposal = town.offered("custodian", "oversight-choose-approved-witness", "Board.example")
    town.does("custodian", "oversight-choose-approved-witness", proposal=proposal)
    assert town.desk.kinds()[-1] == "WITNESS_CHOSEN"
    maintenance = town.desk.office.maintenance
    assert maintenance is not None and maintenance.witness is not None and maintenance.witness.key.text == second
    town.does("custodian", "oversight-choose-approved-witness", expects=409, proposal=proposal)


def witness_key() -> str:
    """The key line of a witness that answers nobody."""
    return witness_protocol.witness_key("board.example", Ed25519PrivateKey.generate()).text


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, town: Town, language: str) -> None:
    with served(town.app) as here:
        for page in ("tasks/oversight-contact", "tasks/oversight-choose-witness"):
            who = "clerk" if page == "tasks/oversight-contact" else "board"
            address = f"{here}/{language}/{page}"
            with visit(browser, address, **seated(town.app, town.desk.office, who)) as seen:
                assert not gates(seen, own=(here,)), page
