"""Worker openings: may this worker have the data key of this object, judged by the log and what it names?

Each refusal is logged (OPENING_REFUSED), by the rule that did not hold and once a set: a worker that repeats itself
does not fill the log.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from peelian.errors import OutOfOrder, PeelianError, Refused
from peelian.kernel.access.decryption_checks import the_opening_is_permitted
from peelian.kernel.model.people import signature_holds
from peelian.kernel.model.ports import Entry
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.vault.worker_keys import KeyRequest, is_among

R = TypeVar("R")
NO_SET = "The log has no set of openings at this index. It must be logged first."
NOT_OF_THE_RUN = "This set of openings belongs to another run. No key was unwrapped."
NOT_IN_THE_SET = "This opening is not in the set that was logged. No key was unwrapped."
NOT_SIGNED = "The worker that this opening names did not ask for it. No key was unwrapped."
OVER = "The time of this set of openings is over. Log a new one."


def the_leaf_holds(kernel: Kernel, asks: KeyRequest) -> Entry:
    """The OPENED_SET entry that this opening is in, where it may be used now; OutOfOrder or Refused, logged, otherwise.

    Whether it was used before tells the key store alone. O(log leaves + entries of the case).
    """
    entry = set_at(kernel, asks.intent)
    leaf = asks.leaf
    rules: tuple[tuple[str, str, Callable[[], bool]], ...] = (
        ("the_opening_is_of_the_run", NOT_OF_THE_RUN, lambda: leaf.run == entry["before"]),
        ("the_opening_is_in_the_set", NOT_IN_THE_SET, lambda: _is_in(entry, asks)),
        ("the_worker_asks", NOT_SIGNED, lambda: signature_holds(leaf.worker, asks.signature, asks.words)),
        ("the_set_is_in_time", OVER, lambda: kernel.now() < datetime.fromisoformat(leaf.until)),
    )
    for rule, says, holds in rules:
        if not holds():
            log_no_opening(kernel, asks.intent, rule)
            raise OutOfOrder(says)
    try:
        the_opening_is_permitted(kernel, {**entry, "object": leaf.object}, at=asks.intent)
    except (OutOfOrder, Refused):
        log_no_opening(kernel, asks.intent, "the_opening_is_permitted")
        raise
    return entry


def set_at(kernel: Kernel, index: int) -> Entry:
    """The OPENED_SET entry at an index; OutOfOrder where there is none."""
    log = kernel.stores.log
    entry = log.entry(index) if 0 <= index < log.size() else None
    if entry is None or entry["kind"] != "OPENED_SET":
        raise OutOfOrder(NO_SET)
    return entry


def log_no_opening(kernel: Kernel, index: int, rule: str) -> None:
    """Log that a worker was refused an opening of the set at this index, once by each rule."""
    entry = set_at(kernel, index)
    case, before = str(entry["case"]), str(entry["before"])
    refused = kernel.state.histories[case].after("OPENING_REFUSED", before)
    if (index, rule) not in {(one["opened"], one["rules"]) for one in refused}:
        kernel.append("OPENING_REFUSED", case=case, before=before, opened=index, rules=rule)


def used_once(kernel: Kernel, asks: KeyRequest, use: Callable[[], R]) -> R:
    """What `use` returns; where it finds the opening used before, or the object destroyed, that is logged."""
    try:
        return use()
    except PeelianError:
        log_no_opening(kernel, asks.intent, "the_opening_is_unused")
        raise


def _is_in(entry: Entry, asks: KeyRequest) -> bool:
    size = int(entry["n"])
    return asks.leaf.until == str(entry["until"]) and is_among(asks, size=size, root=str(entry["root"]))
