"""The city's provider: a real one vouches for an enrolled person in one browser; every wrong token is refused."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authentication import at_pages, seated
from browser import axe_violations, chromium, served, visit
from desk import Desk, desk
from starlette.testclient import TestClient
from toy import PROVE, TOY

from peelian.errors import InputError, PeelianError, Refused
from peelian.integrations.oidc import Provider
from peelian.kernel import verbs
from peelian.web.app import make_app
from peelian.web.identity import log_on
from peelian.web.identity.log_on import PROVIDER_COOKIE, TICKET, UNSENT

mock = pytest.importorskip("oidc_provider_mock", reason="oidc-provider-mock is not installed: uv sync --all-groups")
jwt = pytest.importorskip("joserfc.jwt", reason="joserfc is not installed: uv sync --all-extras")
jwk = pytest.importorskip("joserfc.jwk", reason="joserfc is not installed: uv sync --all-extras")
KEY = jwk.RSAKey.generate_key(2048, {"kid": "1"})
KEYS = {"keys": [KEY.as_dict(private=False)]}
NAMED = {"42": "clerk", "subject-43": "nobody"}
HERE = Provider(name="City", issuer="https://login.example", client="peelian", people={"42": "clerk"})


def token(*, key: Any = KEY, alg: str = "RS256", **changes: Any) -> str:
    """A token that holds but for the changes; a time span among them is a moment from now on."""
    now = int(time.time())
    changes = {k: now + v // timedelta(seconds=1) if isinstance(v, timedelta) else v for k, v in changes.items()}
    told = {"iss": HERE.issuer, "aud": "peelian", "sub": "42", "nonce": "n", "iat": now, "exp": now + 300} | changes
    told = {name: value for name, value in told.items() if value is not None}
    return str(jwt.encode({"alg": alg, "kid": "1"}, told, key, algorithms=[alg]))


def test_a_token_that_holds_names_its_subject() -> None:
    assert HERE._subject(token(), KEYS, "n") == "42" and HERE.short_of("42") == "clerk"
    assert HERE._subject(token(aud=["peelian", "other"], azp="peelian"), KEYS, "n") == "42"
    with pytest.raises(Refused):
        HERE.short_of("43")


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "other"},
        {"nonce": None},
        {"aud": "other"},
        {"aud": None},
        {"aud": ["peelian", "other"]},
        {"azp": "other"},
        {"iss": "https://login.example.evil"},
        {"iss": None},
        {"exp": timedelta(minutes=-2)},
        {"exp": None},
        {"iat": None},
        {"iat": timedelta(hours=1)},
        {"sub": None},
        {"sub": 42},
        {"key": jwk.RSAKey.generate_key(2048, {"kid": "1"})},
        {"key": jwk.OctKey.generate_key(256, {"kid": "1"}), "alg": "HS256"},
        {"key": jwk.ECKey.generate_key("P-256", {"kid": "1"}), "alg": "ES256"},
    ],
    ids=str,
)
def test_a_wrong_token_is_refused_in_the_same_words(changes: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="does not identify a member"):
        HERE._subject(token(**changes), KEYS, "n")


def unsigned(alg: str) -> str:
    head = base64.urlsafe_b64encode(f'{{"alg":"{alg}"}}'.encode()).rstrip(b"=").decode()
    return f"{head}.{token().split('.')[1]}."


@pytest.mark.parametrize(
    "text", ["", "x", "a.b.c", unsigned("none"), unsigned("RS256"), "." * 9, "é.é.é", token()[:-9]]
)
def test_what_is_unsigned_or_no_token_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        HERE._subject(text, KEYS, "n")
    for keys in ({}, {"keys": []}, {"keys": [{"kty": "oct", "k": "AAAA"}]}, {"keys": 1}):
        with pytest.raises(Refused):
            HERE._subject(token(), keys, "n")


@pytest.fixture(scope="module")
def city() -> Iterator[str]:
    """A real provider, on this machine."""
    with mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def town(city: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Desk, Any]:
    made = desk(())
    provider = Provider(name="City of Example", issuer=city, client="peelian", secret="s", people=NAMED)
    authentication = dataclasses.replace(made.office.authentication(), provider=provider)
    monkeypatch.setattr("peelian.operations.office.authentication_at", lambda path, kernel: authentication)
    return made, make_app(made.office)


def sent(client: TestClient, subject: str, **typed: str) -> str:
    """Set out for the provider and log on there as `subject`; the path and query one comes back with."""
    out = client.post("/fr/log-on/provider", data=typed)
    found = re.search(r'content="0;url=([^"]+)"', out.text)
    assert out.status_code == 200 and found is not None
    there = unescape(found[1])
    asked = parse_qs(urlsplit(there).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["redirect_uri"] == ["http://127.0.0.1/log-on/callback"]
    back = httpx.post(there, data={"sub": subject}).headers["location"]
    assert back.startswith("http://127.0.0.1/log-on/callback?")
    return back.removeprefix("http://127.0.0.1")


def test_whom_the_provider_vouches_for_and_the_settings_name_is_logged_on(town: tuple[Desk, Any]) -> None:
    made, app = town
    client = at_pages(app)
    assert "City of Example" in client.get("/en/log-on").text
    got = client.get(sent(client, "42"))
    assert got.status_code == 200 and 'content="0;url=/fr/desk"' in got.text
    assert "HttpOnly" in got.headers["set-cookie"] and client.get("/fr/desk").status_code == 200
    began = [entry for _, entry in made.kernel.stores.log.read() if entry["kind"] == "SESSION_BEGAN"]
    assert [(e["how"], e["by"]) for e in began] == [("provider", made.people["clerk"].person.token)]
    since = made.kinds()[made.kinds().index("SESSION_BEGAN") :]
    assert "PROVED" not in since, "another's word is no proof of who is at the desk"
    assert client.get("/fr/items/nothing").status_code == 403


@pytest.mark.parametrize("subject", ["subject-43", "subject-44", "clerk"])
def test_somebody_whom_the_settings_do_not_name_or_who_is_not_enrolled_is_not(town: Any, subject: str) -> None:
    made, app = town
    client = at_pages(app)
    got = client.get(sent(client, subject))
    assert got.status_code == 403 and client.get("/en/desk").status_code == 401
    assert subject not in got.text.replace("clerk", "") or subject == "clerk"
    assert len(made.kernel.state.people) == 9, "nobody is enrolled by logging on"


def test_an_answer_serves_once_in_the_browser_that_set_out_and_for_five_minutes(town: tuple[Desk, Any]) -> None:
    made, app = town
    client, other = at_pages(app), at_pages(app)
    back = sent(client, "42")
    assert other.get(back).status_code == 403, "somebody else's answer"
    assert client.get(back).status_code == 403, "and it is used up"
    back = sent(client, "42")
    made.clock.days(6 / 1440)
    assert client.get(back).status_code == 403
    back = sent(client, "42")
    assert client.get(f"{back}&iss=https://other.example").status_code == 403
    back = sent(client, "42")
    assert client.get(back.replace("code=", "code=x")).status_code == 403
    assert client.get("/log-on/callback").status_code == 403 and client.get("/en/desk").status_code == 401


def test_a_log_on_begun_at_one_process_is_finished_at_another(town: tuple[Desk, Any]) -> None:
    made, app = town
    client, elsewhere = at_pages(app), at_pages(make_app(made.office))
    back = sent(client, "42")
    (_, kept), *none = made.kernel.stores.tickets.all(TICKET)
    assert not none and client.cookies[PROVIDER_COOKIE] not in kept, "what the browser has is kept as a hash"
    elsewhere.cookies = client.cookies
    assert elsewhere.get(back).status_code == 200 and client.get(back).status_code == 403


def test_of_too_many_log_ons_the_oldest_go(town: tuple[Desk, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    made, app = town
    monkeypatch.setattr(log_on, "MOST_PENDING", 2)
    first, second = at_pages(app), at_pages(app)
    back, other = sent(first, "42"), sent(second, "42")
    assert at_pages(app).post("/en/log-on/provider").status_code == 200
    assert len(made.kernel.stores.tickets.all(TICKET)) == 2
    assert first.get(back).status_code == 403 and second.get(other).status_code == 200


TYPED = {"at": "/fr/cases/c-1/decide", "to": "/fr/cases/c-1", "typed": '[["reasons", "Because of <b>Mme Roy</b>"]]'}


def test_what_was_typed_comes_back_from_the_provider_to_be_sent(town: tuple[Desk, Any]) -> None:
    made, app = town
    client = at_pages(app)
    back = sent(client, "42", **TYPED)
    ((_, kept),) = made.kernel.stores.tickets.all(UNSENT)
    assert "Roy" not in kept and "c-1" not in kept, "the office keeps no text it could read"
    assert "Roy" not in back and "Roy" not in str(client.cookies)
    shown = client.get(back)
    assert shown.status_code == 200 and 'action="/fr/cases/c-1/decide"' in shown.text and 'name="form"' in shown.text
    assert "Because of &lt;b&gt;Mme Roy&lt;/b&gt;</textarea>" in shown.text and "http-equiv" not in shown.text
    assert not made.kernel.stores.tickets.all(UNSENT) and client.get("/fr/desk").status_code == 200


def test_what_was_typed_is_shown_in_the_browser_that_typed_it_and_only_once(town: tuple[Desk, Any]) -> None:
    made, app = town
    client, other = at_pages(app), at_pages(app)
    back = sent(client, "42", **TYPED)
    sent(other, "42")
    stolen = other.get(back)
    assert stolen.status_code == 403 and "Roy" not in stolen.text
    assert "Roy" not in client.get(back).text, "an answer serves once"
    refused = client.get(sent(client, "subject-44", **TYPED))
    assert refused.status_code == 403 and "Mme Roy" in refused.text, "kept on the log-on page, to try again"
    sent(client, "42", **TYPED)
    made.clock.days(6 / 1440)
    sent(client, "42")
    assert not made.kernel.stores.tickets.all(UNSENT)


def test_hostile_text_is_carried_no_further(town: tuple[Desk, Any]) -> None:
    made, app = town
    client = at_pages(app)
    got = client.get(sent(client, "42", at="//evil.example/", to="//evil.example/", typed="[" * 20_000))
    assert got.status_code == 200 and "evil" not in got.text and 'content="0;url=/fr/desk"' in got.text
    other = at_pages(app)
    assert other.post("/en/log-on/provider", data={"typed": "x" * 3_000_000}).status_code == 400
    elsewhere = other.post("/en/log-on/provider", data=TYPED, headers={"origin": "http://evil.example"})
    assert elsewhere.status_code == 403
    assert other.get("/en/log-on/provider").status_code == 405
    back = sent(other, "42", **TYPED)
    ((key, _),) = made.kernel.stores.tickets.all(UNSENT)
    made.kernel.stores.tickets.put(UNSENT, key, "altered", made.kernel.now())
    assert 'content="0;url=/fr/cases/c-1"' in other.get(back).text


def test_a_provider_that_is_away_leaves_the_text_on_the_page(
    town: tuple[Desk, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = town
    known = made.office.authentication()
    away = dataclasses.replace(known, provider=dataclasses.replace(known.provider, issuer="http://127.0.0.1:9"))
    monkeypatch.setattr("peelian.operations.office.authentication_at", lambda path, kernel: away)
    got = at_pages(make_app(made.office)).post("/en/log-on/provider", data=TYPED)
    assert got.status_code >= 400 and "Mme Roy" in got.text and "does not answer" in got.text


def test_a_nonce_of_another_log_on_is_refused(town: tuple[Desk, Any]) -> None:
    made, app = town
    client, tickets = at_pages(app), made.kernel.stores.tickets
    back = sent(client, "42")
    ((key, kept),) = tickets.all(TICKET)
    tickets.put(TICKET, key, json.dumps(json.loads(kept) | {"nonce": "other"}), made.kernel.now())
    assert client.get(back).status_code == 403 and client.get("/en/desk").status_code == 401


def test_what_is_sent_out_is_the_challenge_of_what_is_kept(city: str) -> None:
    address, pending = Provider(name="x", issuer=city, client="p", people={}).begin("http://127.0.0.1/log-on/callback")
    hashed = base64.urlsafe_b64encode(hashlib.sha256(pending.verifier.encode()).digest()).rstrip(b"=").decode()
    assert parse_qs(urlsplit(address).query)["code_challenge"] == [hashed] and pending.verifier not in address


def test_a_provider_that_is_away_or_another_one_is_told_plainly(city: str) -> None:
    away = Provider(name="x", issuer="http://127.0.0.1:9", client="p", people={})
    another = Provider(name="x", issuer=f"{city}/", client="p", people={})
    for provider in (away, another):
        with pytest.raises(PeelianError) as error:
            provider.begin("http://127.0.0.1/log-on/callback")
        assert not isinstance(error.value, InputError) and "provider" in str(error.value)


@pytest.mark.browser
def test_a_decision_in_mid_form_survives_a_log_on_at_the_provider_in_a_real_browser(
    city: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = desk((TOY,))
    provider = Provider(name="City of Example", issuer=city, client="peelian", secret="s", people={"42": "board"})
    authentication = dataclasses.replace(made.office.authentication(), provider=provider)
    monkeypatch.setattr("peelian.operations.office.authentication_at", lambda path, kernel: authentication)
    made.authorizations(PROVE)
    app, case = make_app(made.office), verbs.run(made.kernel, made.people[made.asker(PROVE)], made.ask(PROVE))[0].case
    with (
        chromium() as browser,
        served(app) as where,
        visit(browser, f"{where}/en/cases/{case}", **seated(app, made.office, "board")) as seen,
    ):
        page = seen.page
        page.get_by_label("Reasons").fill("The wells on Elm Street dried up.")
        page.get_by_label("Reason for the public").fill("Wells are looked at before the summer.")
        page.get_by_label("Statement of a person").fill("Residents were heard twice.")
        page.locator("[name=choice]").first.evaluate("e => e.tagName == 'SELECT' ? e.selectedIndex = 1 : e.click()")
        made.clock.days(11 / 1440)
        page.locator(f"form[action$='/{case}/decide'] [type=submit]").first.click()
        page.get_by_text("Your text is kept on this page").wait_for()
        page.get_by_role("button", name="Log on with City of Example").click()
        page.wait_for_url(f"{city}/**")
        page.locator("input[name=sub]").fill("42")
        page.get_by_role("button", name="Authorize").click()
        page.get_by_role("heading", name="Not sent yet").wait_for()
        assert axe_violations(page) == [] and "Elm" not in page.url
        page.get_by_role("button", name="Send now").click()
        page.wait_for_url(f"{where}/en/cases/{case}*")
        assert "DECIDED" in made.kinds()
        assert not [text for text in seen.complaints if "Content Security Policy" in text]
        assert not [url for url in seen.requests if "Elm" in url]
