"""A receipt is verified in a real browser, and by the office where there is no script; altered ones never hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import gates, visit
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Page, expect
from starlette.testclient import TestClient

from peelian.kernel.log.signed_note import key_of
from peelian.pictures.words import english
from peelian.web.app import make_app
from peelian.web.cases import content
from peelian.web.public.receipts import answer_of


@pytest.fixture(scope="module")
def given(town: Any) -> dict[str, str]:
    public = TestClient(make_app(town.desk.office, public=True), base_url="http://127.0.0.1")
    names = {"receipt": "/data/log/5/receipt", "entry": "/data/log/5/entry", "key": "/data/log/key"}
    return {name: public.get(address).text for name, address in names.items()}


def changed(given: dict[str, str], how: str) -> dict[str, str]:
    """The same with one thing wrong."""
    origin = given["key"].partition("+")[0]
    receipt, lines = given["receipt"], given["receipt"].split("\n")
    size = receipt.partition("\n\n")[2].split("\n")[1]
    swapped = receipt.replace(lines[2], lines[3]) if lines[3] else receipt
    return given | {
        "entry": {"entry": given["entry"].replace("2026", "2025")},
        "index": {"receipt": receipt.replace("index 5", "index 4")},
        "path": {"receipt": swapped},
        "size": {"receipt": receipt.replace(f"\n{size}\n", f"\n{int(size) + 1}\n")},
        "truncated": {"receipt": receipt[: len(receipt) // 2]},
        "no signature": {"receipt": receipt.partition("—")[0]},
        "foreign key": {"key": key_of(origin, Ed25519PrivateKey.generate()).text},
        "no key": {"key": "<script>alert(1)</script>"},
        "empty": {"receipt": "", "entry": "", "key": ""},
    }[how]  # fmt: skip


WRONG = ["entry", "index", "path", "size", "truncated", "no signature", "foreign key", "no key", "empty"]
FAILS = {"entry": "entry", "index": "entry", "path": "entry", "size": "signature", "truncated": "receipt",
         "no signature": "receipt", "foreign key": "signature", "no key": "key", "empty": "key"}  # fmt: skip


def test_the_office_answers_for_itself_and_says_so(town: Any, given: dict[str, str]) -> None:
    assert answer_of(given, english)["good"]
    public = TestClient(make_app(town.desk.office, public=True), base_url="http://127.0.0.1")
    page = public.post("/en/receipt", data=given).text
    assert "Entry 5 is in the log of" in page and "no independent check" in page
    assert public.post("/en/receipt", data=given | {"receipt": "x" * 300_000}).status_code == 400
    assert public.post("/de/receipt", data=given).status_code == 404


@pytest.mark.parametrize("how", WRONG)
def test_the_office_refuses_what_proves_nothing(town: Any, given: dict[str, str], how: str) -> None:
    wrong = changed(given, how)
    assert wrong != given and not answer_of(wrong, english)["good"]
    public = TestClient(make_app(town.desk.office, public=True), base_url="http://127.0.0.1")
    page = public.post("/en/receipt", data=wrong)
    assert page.status_code == 200 and "<script>alert" not in page.text


@pytest.mark.parametrize("entry", ["-1", "999999", "9" * 30, "x"])
def test_an_entry_that_is_not_there_has_no_receipt(town: Any, entry: str) -> None:
    public = TestClient(make_app(town.desk.office, public=True), base_url="http://127.0.0.1")
    for address in (f"/en/receipt?entry={entry}", f"/data/log/{entry}/entry"):
        assert public.get(address).status_code in (400, 404)


@pytest.fixture(scope="module")
def page(one_browser: Browser, address: str) -> Iterator[Page]:
    with visit(one_browser, f"{address}/en/receipt?entry=5") as seen:
        seen.page.wait_for_selector("form[data-ready]")
        yield seen.page
        assert not [url for url in seen.requests if not url.startswith(address)] and seen.complaints == []


def verified(page: Page, filled: dict[str, str]) -> tuple[str, list[str]]:
    """What the page's own script says, and which steps fail."""
    for name, text in filled.items():
        page.evaluate("([name, text]) => { document.getElementById(name).value = text }", [name, text])
        page.evaluate("name => document.getElementById(name).required = false", name)
    page.evaluate("document.getElementById('results').removeAttribute('data-ready')")
    page.get_by_role("button", name="Verify").click()
    page.wait_for_selector("#results[data-ready]")
    failed = page.locator("#results li.wrong").evaluate_all("items => items.map(item => item.dataset.step)")
    return page.locator("#results .finding span:visible").inner_text(), failed


@pytest.mark.browser
def test_a_real_receipt_is_verified_in_the_browser(page: Page, town: Any, given: dict[str, str]) -> None:
    says, failed = verified(page, given)
    assert says.startswith("Verified") and failed == [] and page.locator("#results li:visible").count() == 4
    size = content.checkpoint_says(town.desk.office)[0]
    public = TestClient(make_app(town.desk.office, public=True), base_url="http://127.0.0.1")
    for index in {0, 1, size // 2, size - 2, size - 1}:  # also at the right edge of the tree
        one = {name: public.get(f"/data/log/{index}/{name}").text for name in ("receipt", "entry")}
        assert verified(page, given | one)[1] == [], index


@pytest.mark.browser
def test_a_checkpoint_alone_is_verified_in_the_browser_and_an_altered_one_is_not(
    page: Page, town: Any, given: dict[str, str]
) -> None:
    public = TestClient(make_app(town.desk.office, public=True), base_url="http://127.0.0.1")
    alone = {"receipt": public.get("/data/log/checkpoint").text, "entry": "", "key": given["key"]}
    size = content.checkpoint_says(town.desk.office)[0]
    says, failed = verified(page, alone)
    assert says.startswith("Verified") and str(size) in says and failed == []
    assert answer_of(alone, english) == {"good": True, "says": f"This key signed the checkpoint of {size} entries."}
    origin, fails = given["key"].partition("+")[0], {}
    for text, key in (
        (alone["receipt"].replace(f"\n{size}\n", f"\n{size + 1}\n"), given["key"]),
        (alone["receipt"].partition("—")[0], given["key"]),
        (alone["receipt"], key_of(origin, Ed25519PrivateKey.generate()).text),
    ):
        says, failed = verified(page, {"receipt": text, "entry": "", "key": key})
        assert (
            says.startswith("Not verified")
            and not answer_of({"receipt": text, "entry": "", "key": key}, english)["good"]
        )
        fails[key == given["key"], tuple(failed)] = True
    assert set(fails) == {(True, ("signature",)), (True, ("checkpoint",)), (False, ("signature",))}
    assert "checkpoint=yes" in public.get("/en/log").text
    assert alone["receipt"].split("\n")[0] in public.get("/en/receipt?checkpoint=yes").text


@pytest.mark.browser
@pytest.mark.parametrize("how", WRONG)
def test_what_proves_nothing_is_told_in_the_browser(page: Page, given: dict[str, str], how: str) -> None:
    says, failed = verified(page, changed(given, how))
    assert says.startswith("Not verified") and failed == [FAILS[how]]


@pytest.mark.browser
def test_files_are_read_in_the_page_and_oversized_ones_are_told(
    page: Page, given: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "entry-5.tlog-proof"
    file.write_text(given["receipt"], encoding="utf-8")
    verified(page, changed(given, "truncated"))
    page.set_input_files("#receipt-file", str(file))
    expect(page.locator("#receipt")).to_have_value(given["receipt"])
    assert verified(page, {})[0].startswith("Verified")
    (tmp_path / "large").write_bytes(b"x" * 5_000_000)
    page.set_input_files("#receipt-file", str(tmp_path / "large"))
    expect(page.locator("#receipt")).to_have_value(re.compile("^ +$"))
    assert verified(page, {})[1] == ["size"]


@pytest.mark.browser
@pytest.mark.parametrize("where", ["/en/receipt?entry=5", "/fr/receipt", "/en/residents", "/fr/residents"])
def test_the_pages_pass_every_gate(browser: Browser, address: str, where: str) -> None:
    with visit(browser, address + where, reduced_motion="reduce") as seen:
        found = gates(seen, own=(address,))
        assert found == ({"scripts": 1} if "receipt" in where else {})


@pytest.mark.browser
def test_without_a_script_the_office_answers_and_says_so(browser: Browser, address: str) -> None:
    with visit(browser, f"{address}/en/receipt?entry=5", script=False) as seen:
        assert "spicy-litetlog" in seen.page.locator("main").inner_text()
        seen.page.get_by_role("button", name="Verify").click()
        said = seen.page.get_by_role("alert").inner_text()
        assert "Entry 5 is in the log" in said and "no independent check" in said
