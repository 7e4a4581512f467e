"""The projection: the rows that one entry of the log changes.

It is called in the act that appends the entry, and again by whoever derives all rows anew and compares them. A row is
an index: what it says follows from entries alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from peelian.kernel.log.clock_guard import is_agreed
from peelian.kernel.model.ports import Entry

_COUNTED: Mapping[str, str] = {"REFUSED": "refused", "RAN": "ran", "DECIDED": "decided", "PUBLISHED": "published"}
YEARLY: Mapping[str, str] = {
    "ASKED": "asked",
    "REFUSED": "refused",
    "RAN": "run",
    "DECIDED": "decided",
    "PUBLISHED": "published",
}
ADOPTED = frozenset({"adopt", "accept", "change"})
ASIDE = frozenset(
    {"EXPORTED", "LOOKED", "VIEWED", "CORRECTED", "OPENED_SET", "OPENING_REFUSED", "PARTS_KEPT", "PARTS_DAMAGED"}
)  # what happens to a case without changing where it stands
ASIDE_ONCE_RUN = frozenset({"REFUSED", "OPENED"})


ALL_WARRANTS = "all warrants"  # the chain that says what the uses and readings of all warrants come to


class Written(Protocol):
    """Where rows are kept while entries are projected."""

    def row(self, table: str, key: str) -> Mapping[str, Any] | None: ...

    def put(self, table: str, key: str, row: Mapping[str, Any]) -> None: ...


def project(index: int, entry: Entry, rows: Written) -> None:
    """Bring the rows in step with one entry. O(1)."""
    _head(index, entry, rows)
    if "case" in entry:
        _case(index, entry, rows)
    if "warrant" in entry:
        _warrant(index, entry, rows)
    kind = entry["kind"]
    if kind in ("SESSION_BEGAN", "SESSION_ENDED"):
        _session(index, entry, rows)
    elif kind in ("PROVED", "PASSKEY_ENROLLED"):
        _proof(index, entry, rows)
    elif kind in ("KEEPING", "ADMITTED", "DERIVED", "TURNED_AWAY"):
        _intake(index, entry, rows)


def head_of(row: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """What the head says; of a log without entries that it has none."""
    return row or {"size": 0, "began": "", "latest": "", "furthest": "", "chains": "", "counts": ""}


def proof_key(person: str, session: str = "") -> str:
    """Under which a step-up is remembered: one made in a session counts in that session only."""
    return f"{person} {session}" if session else person


def passkey_key(credential: str) -> str:
    """Under which it is remembered how often an authenticator says it has signed."""
    return f"passkey {credential}"


def words_of(entry: Entry) -> str:
    """The words in an entry that serve once, spelled in one way: its signature, a code's pass, or a challenge; "" where
    it has none."""
    if "signature" in entry:
        return str(entry["signature"]).lower()
    return f"{entry.get('nonce')}.{entry.get('code')}" if "pass" in entry else str(entry.get("challenge", ""))


def _head(index: int, entry: Entry, rows: Written) -> None:
    """`furthest`: the latest time that any entry has but those whose time was not confirmed, since two people last
    agreed that the clock had run ahead."""
    was, now = head_of(rows.row("head", "log")), str(entry["t"])
    furthest = now if is_agreed(entry) else max(was["furthest"], "" if "unconfirmed" in entry else now)
    said = {"size": index + 1, "began": was["began"] or now, "latest": now, "furthest": furthest}
    rows.put("head", "log", {**said, "chains": was["chains"], "counts": was["counts"]})


def _case(index: int, entry: Entry, rows: Written) -> None:
    case, kind, at = str(entry["case"]), str(entry["kind"]), str(entry["t"])
    if kind == "ASKED":
        row: dict[str, Any] = {name: str(entry[name]) for name in ("capability", "purpose", "by", "unit")}
        row |= {"state": kind, "began": at, "changed": at, "choice": "", "rules": ""}
        row |= dict.fromkeys(("refused", "ran", "decided", "published"), -1) | {"first": index, "n": 1, "last": index}
        _stands(index, rows.row("cases", case), row, rows)
        rows.put("cases", case, row)
        _use(index, row["capability"], rows, "asked")
        _year(index, entry, row["capability"], rows)
    elif (was := rows.row("cases", case)) is not None:
        now = dict(was) | _changed(index, entry, was) | {"last": index, "n": was["n"] + 1, "changed": at}
        _stands(index, was, now, rows)
        rows.put("cases", case, now)
        _count(index, entry, was, rows)


def tally_key(row: Mapping[str, Any]) -> str:
    """What cases are counted by: year of the request, capability, unit, state, choice and whether published."""
    public = "published" if row["published"] >= 0 else "-"
    return " ".join((row["began"][:4], row["capability"], row["unit"], row["state"], row["choice"] or "-", public))


def _stands(index: int, was: Mapping[str, Any] | None, now: Mapping[str, Any], rows: Written) -> None:
    """How many cases stand alike: one fewer as this one was, one more as it is."""
    keys = (tally_key(was) if was else "", tally_key(now))
    for key, step in zip(keys, (-1, 1), strict=True):
        if key and keys[0] != keys[1]:
            n = (rows.row("tallies", key) or {"n": 0})["n"]
            rows.put("tallies", key, {"n": n + step, "last": index})


def _changed(index: int, entry: Entry, was: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry changes of its case besides the time: where it stands, what was chosen, why it was refused."""
    kind = str(entry["kind"])
    aside = kind in ASIDE or (kind in ASIDE_ONCE_RUN and was["ran"] >= 0)
    row: dict[str, Any] = {} if aside else {"state": kind}
    row |= {_COUNTED[kind]: index} if kind in _COUNTED else {}
    row |= {"choice": str(entry["choice"])} if kind == "DECIDED" else {}
    return row | ({"rules": str(entry["rules"])} if kind in ("REFUSED", "WITHHELD") else {})


def _count(index: int, entry: Entry, was: Mapping[str, Any], rows: Written) -> None:
    kind, capability, column = str(entry["kind"]), str(was["capability"]), _COUNTED.get(str(entry["kind"]), "")
    if column and column != "ran" and was[column] < 0:
        _use(index, capability, rows, column)
    if kind == "PERMITTED":
        _use(index, capability, rows, "", began=str(entry["t"]))
    if kind == "REFUSED":
        _use(index, capability, rows, "refusals")
        _refusal(index, capability, str(entry["rules"]), rows)
    if column:
        _year(index, entry, capability, rows)


def _year(index: int, entry: Entry, capability: str, rows: Written) -> None:
    """The steps of each capability's cases in a calendar year (UTC)."""
    key, kind = f"{str(entry['t'])[:4]} {capability}", str(entry["kind"])
    none = dict.fromkeys((*YEARLY.values(), "adopted"), 0)
    row = dict(rows.row("years", key) or none) | {"last": index}
    row[YEARLY[kind]] += 1
    row["adopted"] += entry.get("choice") in ADOPTED
    rows.put("years", key, row)


def _use(index: int, capability: str, rows: Written, column: str, *, began: str = "") -> None:
    """What is counted of each capability: cases asked for, refused, decided and published, and refusals."""
    none = dict.fromkeys(("asked", "refused", "refusals", "decided", "published"), 0)
    row = dict(rows.row("uses", capability) or {**none, "began": ""}) | {"last": index}
    row |= {"began": row["began"] or began} | ({column: row[column] + 1} if column else {})
    rows.put("uses", capability, row)


def _refusal(index: int, capability: str, rules: str, rows: Written) -> None:
    for rule in rules.split(","):
        key = f"{capability} {rule}"
        was = rows.row("refusals", key) or {"n": 0}
        rows.put("refusals", key, {"n": was["n"] + 1, "last": index})


def _warrant(index: int, entry: Entry, rows: Written) -> None:
    warrant = str(entry["warrant"])
    was = rows.row("warrants", warrant) or {"used": 0, "collected": 0}
    used = int(entry["kind"] == "STARTED" and "readings" not in entry and bool(warrant))
    read = int(entry["readings"]) if entry["kind"] in ("STARTED", "COLLECTED") and "readings" in entry else 0
    row = {"used": was["used"] + used, "collected": was["collected"] + read, "last": index}
    rows.put("warrants", warrant, row)
    total = (rows.row("chains", ALL_WARRANTS) or {"n": 0})["n"] + used + read
    rows.put("chains", ALL_WARRANTS, {"last": index, "n": total})


def _session(index: int, entry: Entry, rows: Written) -> None:
    session = str(entry["session"])
    was = rows.row("sessions", session) or {"person": str(entry["by"]), "how": ""}
    if entry["kind"] == "SESSION_BEGAN":
        how = " ".join(str(entry[part]) for part in ("how", "role", "until") if part in entry)
        row = {"person": str(entry["by"]), "how": how, "status": "open", "at": str(entry["t"])}
    else:
        row = {"person": was["person"], "how": was["how"], "status": "ended", "at": str(entry["t"])}
    rows.put("sessions", session, row | {"last": index})


def _intake(index: int, entry: Entry, rows: Written) -> None:
    """A dataset begins to be kept, or to be made; and it is kept, or turned away."""
    dataset = str(entry["dataset"])
    if entry["kind"] == "KEEPING":
        rows.put("intakes", dataset, {"status": "open", "begun": index, "last": index})
    else:
        was = rows.row("intakes", dataset) or {"begun": index}
        rows.put("intakes", dataset, {"status": "ended", "begun": was["begun"], "last": index})


def _proof(index: int, entry: Entry, rows: Written) -> None:
    if entry["kind"] == "PROVED":
        key = proof_key(str(entry["by"]), str(entry.get("session", "")))
        rows.put("proofs", key, {"at": str(entry["t"]), "counter": 0, "last": index})
    credential = str(entry.get("passkey" if entry["kind"] == "PROVED" else "credential", ""))
    if credential:
        counted = {"at": str(entry["t"]), "counter": int(entry["counter"]), "last": index}
        rows.put("proofs", passkey_key(credential), counted)
