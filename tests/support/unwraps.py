"""Every data key that is unwrapped while tests run is counted, and held against the log of the office it belongs to.

A vault's key may be unwrapped only where the log has, at the index that was named, an opening of this very object, and
before it what permits it. Looked at here from outside, without the judgement that stands before the keys.
"""

from __future__ import annotations

import json
from functools import wraps
from typing import Any

import peelian.operations.office
from peelian.errors import Unreachable
from peelian.storage.key_store import KeyStore
from peelian.storage.vault_keys import StoredKeys
from peelian.storage.vault_memory import MemoryVault

ANSWERED = frozenset({"PERMITTED", "RAN", "DECIDED"})


class Unwraps:
    """What was unwrapped: `raw` by the key stores themselves, `shown` of it against a logged opening, and `faults`.

    What it remembers of an office hangs on the office's own objects, and goes with them.
    """

    def __init__(self) -> None:
        self.raw, self.shown, self.faults = 0, 0, list[str]()

    def watch(self) -> None:
        """Put the counters in place, for as long as this process lives."""
        judged_by = peelian.operations.office.judged_by

        @wraps(judged_by)
        def judged(kernel: Any) -> Any:
            permitted: Any = judged_by(kernel)
            permitted.kernel = kernel
            return permitted

        peelian.operations.office.judged_by = judged  # type: ignore[assignment]
        self._watch_tables()
        self._watch_memory()

    def fault(self, kernel: Any, keeper: Any, intent: int, object: str) -> str:
        """What is wrong with an opening that was granted; "" where nothing is. O(entries that name its document)."""
        entry = next(iter(_at(kernel, intent)), {})
        used = keeper.__dict__.setdefault("intents", set())
        if entry.get("kind") != "OPENED" or entry.get("object") != object:
            return f"an object was opened and entry {intent} does not say so"
        if intent in used:
            return f"entry {intent} opened twice"
        used.add(intent)
        if "case" in entry:
            before = [one for _, one in kernel.stores.log.found("document", str(entry["before"]))]
            good = any(one["kind"] in ANSWERED and one.get("case") == entry["case"] for one in before)
            return "" if good else f"entry {intent} opens without a permit, an evidence or a decision before it"
        about = kernel.stores.log.found("dataset", str(entry["dataset"]))
        begun = any(one["kind"] == "KEEPING" for index, one in about if index < intent)
        return "" if begun or "by" in entry else f"entry {intent} opens for nobody"

    def leaf_fault(self, kernel: Any, keeper: Any, leaf: tuple[int, int], object: str) -> str:
        """The same of one opening of a set: it lists this object there, under a permit, and was not used before."""
        entry = next(iter(_at(kernel, leaf[0])), {})
        if entry.get("kind") != "OPENED_SET":
            return f"an object was opened and entry {leaf[0]} does not say so"
        listed = json.loads(kernel.stores.archive.get(str(entry["document"])))["openings"]
        used = keeper.__dict__.setdefault("leaves", set())
        if leaf in used or not leaf[1] < len(listed) == entry["n"] or listed[leaf[1]]["object"] != object:
            return f"opening {leaf[1]} of the set {leaf[0]} opens twice or something else"
        used.add(leaf)
        before = [one for _, one in kernel.stores.log.found("document", str(entry["before"]))]
        good = any(one["kind"] == "PERMITTED" and one.get("case") == entry["case"] for one in before)
        return "" if good else f"entry {leaf[0]} opens without a permit before it"

    def _watch_tables(self) -> None:
        made, raw, granted = StoredKeys.__init__, KeyStore.opened, StoredKeys.unwrapped

        @wraps(made)
        def keys_made(keys: Any, store: Any, permitted: Any, *more: Any) -> None:
            made(keys, store, permitted, *more)
            store.of_an_office = hasattr(permitted, "kernel")

        @wraps(raw)
        def opened(store: Any, name: str, intent: int, leaf: int | None = None) -> bytes:
            key = raw(store, name, intent, leaf)
            self.raw += getattr(store, "of_an_office", False)
            return key

        @wraps(granted)
        def grants(keys: Any, object: str, *, dataset: str, intent: int) -> bytes:
            key = granted(keys, object, dataset=dataset, intent=intent)
            self._show(keys, intent, object)
            return key

        handed = StoredKeys.for_worker

        @wraps(handed)
        def hands(keys: Any, object: str, intent: int, position: int) -> bytes:
            key = handed(keys, object, intent, position)
            if (kernel := getattr(keys._permitted, "kernel", None)) is not None:
                fault = self.leaf_fault(kernel(), keys, (intent, position), object)
                self.faults += [fault] if fault else []
                self.shown += not fault
            return key

        for owner, name, put in (
            (StoredKeys, "for_worker", hands),
            (StoredKeys, "__init__", keys_made),
            (KeyStore, "opened", opened),
            (StoredKeys, "unwrapped", grants),
        ):
            setattr(owner, name, put)

    def _watch_memory(self) -> None:
        opened = MemoryVault.open

        @wraps(opened)
        def opens(vault: Any, object: str, *, intent: int) -> Any:
            file = opened(vault, object, intent=intent)
            self.raw += hasattr(vault._permitted, "kernel")
            self._show(vault, intent, object)
            return file

        MemoryVault.open = opens  # type: ignore[method-assign]

    def _show(self, keeper: Any, intent: int, object: str) -> None:
        if (kernel := getattr(keeper._permitted, "kernel", None)) is None:
            return  # a vault of a test's own, without an office
        try:
            fault = self.fault(kernel(), keeper, intent, object)
        except Unreachable:  # the log cannot be looked at: whoever cut it off looks at all openings afterwards
            self.raw -= 1
            raise
        if fault:
            self.faults.append(fault)
        else:
            self.shown += 1


def _at(kernel: Any, index: int) -> list[Any]:
    return [kernel.stores.log.entry(index)] if index < kernel.stores.log.size() else []
