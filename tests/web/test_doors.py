"""What only a terminal can do: each command has its page, or its reason for having none."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.routing import APIRoute

import reference_pages
from peelian.web.tasks.pages import TASKS

AT_THE_PAGES = {
    "accesses assign": "POST /tasks/accesses-assign",
    "accesses draw": "POST /accesses/{week}",
    "accesses pledge": "POST /accesses",
    "accesses queue": "GET /accesses/{week}",
    "accesses roster": "POST /tasks/accesses-roster",
    "accesses sign": "POST /accesses/{week}",
    "accesses staff": "POST /tasks/accesses-staff",
    "accesses subjects": "POST /tasks/accesses-subjects",
    "accesses weeks": "GET /accesses",
    "admit": "POST /data/uploads/{id}",
    "approve": "POST /proposals/{digest}",
    "ask": "POST /ask/{capability}",
    "assess answer": "POST /assessment/draft",
    "assess approve": "POST /assessment/{digest}/{step}",
    "assess explain": "POST /assessment/{digest}/{step}",
    "assess list": "GET /assessment",
    "assess new": "POST /assessment/draft",
    "assess review": "POST /assessment/{digest}/{step}",
    "assess show": "GET /assessment/{digest}",
    "assess sign": "POST /assessment/{digest}/{step}",
    "assess submit": "POST /assessment/draft",
    "breach contain": "POST /incidents/{id}",
    "breach letters": "POST /tasks/breach-letters",
    "breach list": "GET /incidents",
    "breach notified": "POST /incidents/{id}",
    **dict.fromkeys(
        [f"breach {act}" for act in ("describe", "people", "sent", "returned", "told", "indirect", "correct", "merge")]
        + [f"breach {act}" for act in ("separate", "false-alarm", "close", "secret")],
        "POST /incidents/{id}",
    ),
    "breach notice": "POST /tasks/breach-notice",
    "breach report": "POST /incidents/new",  # --found-copy: a folder is read where it lies
    "breach show": "GET /incidents/{id}",
    "breach yearly": "GET /tasks/breach-yearly",
    "breach signals": "GET /incidents/new",
    "breach weigh": "POST /incidents/{id}",
    "bylaws": "GET /bylaws",
    "capabilities": "GET /ask",
    "cases": "GET /cases",
    "combine": "POST /tasks/combine",
    "compliance": "GET /compliance",
    "contact": "POST /tasks/contact",
    "confirm-warrant": "POST /tasks/warrant-confirm",
    "record-warrant": "POST /tasks/warrant-record",
    "read-warrant": "POST /tasks/warrant-read",
    "notify-warrant": "POST /tasks/warrant-notice",
    "correct": "POST /cases/{case}/correct",
    "decide": "POST /cases/{case}/decide",
    "drift": "POST /tasks/drift-record",
    "drill list": "GET /drills",
    "drill show": "GET /drills/{name}",
    "enrol": "POST /tasks/enrol",
    "export": "POST /tasks/export-map",
    "footage allow": "POST /tasks/footage-allow",
    "footage deliver": "POST /tasks/footage-deliver",
    "footage redact": "POST /batch",
    "footage releases": "GET /releases",
    "footage suggest": "POST /batch",
    "footage history": "GET /items/{dataset}",
    "footage keep": "POST /data/uploads/{id}",
    "footage library": "GET /items",
    "footage tag": "POST /tasks/footage-tag",
    "footage year": "GET /recordings/{year}",
    "explain-suspension": "POST /suspension/{technology}",
    "forget": "POST /tasks/forget",
    "issue": "POST /authorizations/new",
    "key protect": "POST /desk/passphrase",
    "people": "GET /tasks/people",
    "privileges": "POST /tasks/privileges",
    "produce": "POST /tasks/produce",
    "proposals": "GET /authorizations",
    "propose": "POST /tasks/propose",
    "propose-export": "POST /tasks/export-propose",
    "publish": "POST /cases/{case}/publish",
    "refuse-warrant": "POST /tasks/warrant-refuse",
    "register": "GET /register",
    "report": "GET /cases/{case}/report",
    "retire": "POST /tasks/retire",
    "retention classes": "GET /tasks/retention-classes",
    "retention define": "POST /tasks/retention-define",
    "retention hold": "POST /tasks/retention-hold",
    "retention list": "GET /tasks/retention-list",
    "retention queue": "POST /tasks/retention-queue",
    "retention recover": "POST /tasks/retention-recover",
    "retention release": "POST /tasks/retention-release",
    "review": "POST /cases/{case}/review",
    "revoke": "POST /authorizations/{digest}/revoke",
    "rights": "POST /tasks/rights",
    "run": "POST /cases/{case}/run",
    "sensors collect": "POST /tasks/sensors-collect",
    "sensors end": "POST /tasks/sensors-end",
    "sensors export": "GET /sensors",
    "sensors list": "GET /sensors",
    "sensors refused": "GET /tasks/sensors-refused",
    "sensors register": "POST /tasks/sensors-register",
    "sensors release": "POST /tasks/sensors-release",
    "sensors renew": "POST /tasks/sensors-renew",
    "sensors report": "GET /sensor-reports/{year}",
    "sensors sign": "GET /sensors/{id}/sign.svg",
    "sensors update": "POST /tasks/sensors-update",
    "suspend": "POST /suspension/{technology}",
    "tool list": "GET /inventory",
    "tool move": "POST /tasks/tool-move",
    "tool report": "POST /tasks/tool-report",
    "train": "POST /tasks/train",
    "vendor": "POST /tasks/vendor",
    "vocabulary": "POST /data/labels/{id}",
    "watch ack": "POST /console/alarm/{alarm}",
    "watch alarms": "GET /alarms",
    "watch count": "POST /console/zone/{zone}",
    "watch arrived": "POST /console/alarm/{alarm}",
    "watch capacity": "GET /event-plans/{name}",
    "watch close": "POST /console/alarm/{alarm}",
    "watch confirm-plan": "POST /tasks/event-plan-confirm",
    "watch decide": "POST /console/alarm/{alarm}",
    "watch event": "POST /tasks/watch-event",
    "watch exercise": "POST /tasks/event-exercise",
    "watch handover": "POST /console/handover",
    "watch list": "GET /tasks/watch-list",
    "watch months": "GET /alarm-months",
    "watch plan": "POST /tasks/event-plan",
    "watch plans": "GET /event-plans",
    "watch report": "GET /event-plans/{name}/report",
    "watch shelve": "POST /console/alarm/{alarm}",
    "watch tick": "POST /console/alarm/{alarm}",
    "whoaccessed": "POST /tasks/who-viewed",
    "witness choose": "POST /tasks/witness",
    "watch start": "POST /tasks/watch-start",
}
"""Where a person does or sees the same, without the language's part of the address."""

AT_THE_TERMINAL = {
    "backup": "copies the office's folder and keys to where the machine's owner says",
    "bulk-export": "writes one encrypted file that must not pass a browser",
    "demo": "builds an office",
    "divide": "moves keys between users of the machine",
    "doctor": "works where the pages cannot be served",
    "drill self-test": "builds a town of its own, which takes minutes and a second office",
    "footage check": "is done by a recipient, who has no office",
    "formats": "lists what the import page finds by itself",
    "ground": "reads files of gigabytes of the machine",
    "key unprotect": "changes a key where it lies",
    "log-on": "makes the code that the pages ask for",
    "office": "installs an office",
    "registrar run": "runs a program until it is stopped",
    "restore-log": "works where the log is lost and the pages cannot be served",
    "retention run": "is what the serving program does every day by itself",
    "keys exposed": "reads a folder that was found, where the key files lie",
    "keys people": "replaces the key files of people where they lie",
    "keys provenance": "replaces a key file where it lies",
    "keys working": "replaces a key file where it lies",
    "keys log": "replaces a key file where it lies, which the holder of the log does",
    "rotate-keys": "wraps every key anew, which the holder of the key ring does",
    "sensors broker": "writes the settings and certificates of a server",
    "sensors metrics-key": "prints a secret that stands nowhere else",
    "sensors listen": "runs a program until it is stopped",
    "serve": "runs the pages",
    "status": "says how the machine and its folders are to whoever runs them, also where no page is served",
    "try": "needs no office",
    "upgrade": "works on a folder that nothing serves meanwhile",
    "challenge": "needs no office",
    "verify": "is an independent check: it trusts no page",
    "watch feed": "reads a recorded day from the machine",
    "watch key": "prints a secret that stands nowhere else",
    "watch serve": "runs a program until it is stopped",
    "witness ask": "works where an objection has stopped the pages",
    "witness run": "runs on another machine",
}
"""Commands that stay without a page, each with the reason."""


def commands() -> set[str]:
    """Every command that does something: groups of commands do not."""
    names = {" ".join(words[1:]) for words in reference_pages.command_names()}
    return {name for name in names if not any(other.startswith(f"{name} ") for other in names)}


def test_every_command_has_its_page_or_its_reason() -> None:
    assert AT_THE_PAGES.keys() | AT_THE_TERMINAL.keys() == commands()
    assert len(AT_THE_PAGES) + len(AT_THE_TERMINAL) == len(commands()), "each stands in one place"


@pytest.mark.parametrize("command", AT_THE_PAGES)
def test_the_page_of_a_command_is_there(app: Any, command: str) -> None:
    method, path = AT_THE_PAGES[command].split(" ")
    routes = [route for route in app.router.routes if isinstance(route, APIRoute)]
    if path.startswith("/tasks/"):
        task = TASKS[path.removeprefix("/tasks/")]
        assert method == "GET" or task.do is not None
        path = "/tasks/{id}"
    assert any(route.path == f"/{{language}}{path}" and method in route.methods for route in routes)
