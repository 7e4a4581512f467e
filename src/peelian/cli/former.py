"""Former spellings of commands: each still runs what it is called now, and says so, until the day below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

UNTIL = "2027-12-31"
"""The last day on which a former spelling is understood."""

FORMER: Mapping[str, str] = {
    "approve": "proposals approve",
    "backup": "machine backup",
    "bulk-export": "case bulk-export",
    "bylaws": "oversight bylaws",
    "capabilities": "case capabilities",
    "cases": "case list",
    "combine": "data combine",
    "compliance": "oversight compliance",
    "confirm-warrant": "warrant confirm",
    "contact": "oversight contact",
    "correct": "case correct",
    "divide": "machine divide",
    "drift": "oversight drift",
    "drill list": "breach drills",
    "drill self-test": "breach drill-self-test",
    "drill show": "breach drill-show",
    "enrol": "people enrol",
    "explain-suspension": "authorization explain-suspension",
    "export": "case export",
    "forget": "people forget",
    "formats": "data formats",
    "ground": "data ground",
    "issue": "authorization issue",
    "keys exposed": "key exposed",
    "keys log": "key log",
    "keys people": "key people",
    "keys provenance": "key provenance",
    "keys working": "key working",
    "notify-warrant": "warrant notify",
    "people": "people list",
    "privileges": "oversight privileges",
    "produce": "oversight produce",
    "proposals": "proposals list",
    "propose": "proposals propose",
    "propose counts": "proposals counts",
    "propose court_exception": "proposals court-exception",
    "propose custody_exception": "proposals custody-exception",
    "propose resume": "proposals resume",
    "propose-export": "case propose-export",
    "read-warrant": "warrant read",
    "record-warrant": "warrant record",
    "refuse-warrant": "warrant refuse",
    "register": "case register",
    "registrar run": "machine registrar",
    "report": "case report",
    "restore-log": "machine restore-log",
    "retire": "people retire",
    "review": "footage review",
    "revoke": "authorization revoke",
    "rights": "oversight rights",
    "rotate-keys": "key rotate",
    "suspend": "authorization suspend",
    "tool list": "oversight tools",
    "tool move": "oversight tool-move",
    "tool report": "oversight tool-report",
    "train": "people train",
    "upgrade": "machine upgrade",
    "vendor": "oversight vendor",
    "vocabulary": "data vocabulary",
    "whoaccessed": "accesses who-viewed",
    "witness ask": "machine ask-witness",
    "witness choose": "oversight choose-witness",
    "witness run": "machine run-witness",
}
"""How a command was called → how it is called now, without `peelian`."""


def now_called(typed: Sequence[str]) -> tuple[str, str] | None:
    """The former spelling that these words begin with, and the one of today; None where they begin with none.

    >>> now_called(["witness", "run", "folder"]), now_called(["enrol", "ana"]), now_called(["doctor"])
    (('witness run', 'machine run-witness'), ('enrol', 'people enrol'), None)
    """
    for n in (2, 1):
        former = " ".join(typed[:n])
        if len(typed) >= n and former in FORMER:
            return former, FORMER[former]
    return None
