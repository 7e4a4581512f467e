"""What the pages show, gathered from the office: plain values for templates, sentences already in the language."""

from __future__ import annotations

from typing import Any, Protocol, cast

from starlette.exceptions import HTTPException

from peelian.errors import InputError
from peelian.kernel.model.ports import Entry, Receipts
from peelian.kernel.records.sensor_register import the_register
from peelian.measure.table import Kind, Table, table
from peelian.measure.vocabularies import plain
from peelian.operations.office import Office
from peelian.oversight.transparency.inventory import declared_by
from peelian.oversight.transparency.register import CaseRecord, refusals
from peelian.pictures.moments import moment, stamp
from peelian.pictures.panels import Grid, Say
from peelian.web.cases.case import outcome
from peelian.web.frame.lists import LogQuery
from peelian.wording.labels import KINDS, RULES, STAFF_READS, worded

PAGE = 50  # log entries on one page
MOST_EXPORTED = 1_000  # in one file


class ProvenLog(Receipts, Protocol):
    """A log that hands out checkpoints and receipts."""


def refusal_grid(office: Office, say: Say) -> Grid:
    """How often which rule refused which capability."""
    titles = {use.id: use.title for one in office.kernel.technologies for use in declared_by(one)}
    rows = tuple(
        (worded(RULES, rule, say), say(titles.get(capability, capability)), say("%(n)d", n=n))
        for (capability, rule), n in refusals(office.kernel).items()
    )
    return Grid(
        caption=say("Refusals by reason and capability"),
        titles=(say("Reason"), say("Capability or watch"), say("Refusals")),
        rows=rows,
        numeric=frozenset({2}),
    )


def refusal_table(office: Office) -> Table:
    tally = refusals(office.kernel)
    return table(
        "refusals",
        {
            "capability": (Kind.CATEGORY, [capability for capability, _ in tally]),
            "rule": (Kind.CATEGORY, [rule for _, rule in tally]),
            "n": (Kind.COUNT, list(tally.values())),
        },
    )


def history(record: CaseRecord, say: Say, language: str) -> list[dict[str, Any]]:
    """A case's log entries for its page."""
    return [
        {
            "index": line.index,
            "stamp": stamp(say, line.at),
            "what": worded(KINDS, line.kind, say),
            "outcome": outcome(line, say, language),
        }
        for line in record.history
    ]


def log_page(office: Office, say: Say, language: str, asked: LogQuery) -> dict[str, Any]:
    """One page of the log, newest first, and what its checkpoint says."""
    size, root = checkpoint_says(office)
    found = _found(office, asked, size, PAGE + 1)
    more, found = len(found) > PAGE, found[:PAGE] if asked.after is None else found[-PAGE:]
    newer, older = (asked.before is not None and asked.before < size, more) if asked.after is None else (more, True)
    entries = [entry_line(index, entry, say, language) for index, entry in found]
    return {
        "title": say("Log"),
        "size": size,
        "root": root,
        "key": log_key(office),
        "entries": entries,
        "newer": asked.address(after=found[0][0]) if found and newer else None,
        "older": asked.address(before=found[-1][0]) if found and older and found[-1][0] else None,
        "query": asked,
        "events": sorted(((kind, say(text)) for kind, text in KINDS.items()), key=lambda event: plain(event[1])),
    }


def log_table(office: Office, asked: LogQuery) -> Table:
    """Entries of the log as a table, newest first."""
    found = _found(office, asked, checkpoint_says(office)[0], MOST_EXPORTED)
    columns = {
        name: (Kind.CATEGORY, [str(entry.get(name, "")) for _, entry in found]) for name in ("t", "kind", "case")
    }
    return table("log", {"index": (Kind.COUNT, [index for index, _ in found]), **columns})


def _found(office: Office, asked: LogQuery, size: int, most: int) -> list[tuple[int, Entry]]:
    """Entries below the checkpoint's size, newest first. O(most)."""
    before = size if asked.before is None else min(max(asked.before, 0), size)
    log = office.kernel.stores.log
    return log.page(most, before=before, after=asked.after, kind=asked.event, case=asked.case)


def entry_page(office: Office, say: Say, language: str, index: int) -> dict[str, Any]:
    """One entry of the log; HTTPException where there is none of that number."""
    log = office.kernel.stores.log
    if not 0 <= index < log.size():
        raise HTTPException(404)
    _, entry = next(iter(log.read(index)))
    line = entry_line(index, entry, say, language)
    register = the_register(office.kernel).items()
    known = {sign + id: sign + one.number for id, one in register if id != one.number for sign in ("", "sensor-")}
    renamed = any(str(value) in known for value in entry.values())
    fields = [(key, known.get(str(value), str(value))) for key, value in sorted(entry.items())]
    return {"title": say("Log entry %(n)d", n=index), "index": index, "fields": fields, "renamed": renamed, **line}


def checkpoint_says(office: Office) -> tuple[int, str]:
    """Size and root of the newest signed checkpoint (C2SP tlog-checkpoint: origin, size, root)."""
    lines = proven(office).checkpoint().decode().split("\n")
    return int(lines[1]), lines[2]


def log_key(office: Office) -> str:
    """The log's public key as one line, "" where the log shows none."""
    return str(getattr(getattr(office.kernel.stores.log, "key", None), "text", ""))


def handover(office: Office, number: int) -> bytes:
    """The signed note of one handover of the log's key, counted from 1; 404 where there was none."""
    find = getattr(office.kernel.stores.log, "handover", None)
    try:
        return bytes(find(number)) if find else _none()
    except InputError:
        return _none()


def _none() -> bytes:
    raise HTTPException(404)


def proven(office: Office) -> ProvenLog:
    """The log, as one that gives receipts: every log of the product does."""
    return cast(ProvenLog, office.kernel.stores.log)


def entry_line(index: int, entry: Entry, say: Say, language: str) -> dict[str, Any]:
    """An entry in a list: its number, time, what happened, and its case."""
    return {
        "index": index,
        "time": moment(str(entry["t"]), language),
        "stamp": stamp(say, str(entry["t"])),
        "what": _what(entry, say),
        "case": str(entry.get("case", "")),
    }


def _what(entry: Entry, say: Say) -> str:
    """What happened; of an enrolment also whether two people, or one alone, entrusted somebody."""
    if entry["kind"] == "ENROLLED" and "founding" in entry:
        return say("Oversight or enrolling role granted by one person at the founding")
    if entry["kind"] == "ENROLLED" and "before" in entry:
        return say("Oversight or enrolling role granted by two people")
    if entry["kind"] == "STAFF_READ":
        return say("Looked at by the staff: %(what)s", what=worded(STAFF_READS, str(entry["read"]), say))
    return worded(KINDS, str(entry["kind"]), say)
