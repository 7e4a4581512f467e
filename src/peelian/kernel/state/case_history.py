"""Case history: the entries of one case, read from the log when somebody looks at it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from peelian.errors import IntegrityError
from peelian.kernel.model.ports import Entry, Log, Rows
from peelian.kernel.state.projection import ASIDE, ASIDE_ONCE_RUN

_MISSING = (
    "Entries of case {case} are missing or were set back. Run `peelian doctor --rebuild`, keep a copy of the database "
    "and begin the breach protocol."
)


@dataclass(slots=True)
class CaseHistory:
    """Where one case stands: the entries that concern it, by index."""

    case: str
    capability: str
    purpose: str
    by: str
    unit: str
    entries: list[tuple[int, Entry]] = field(default_factory=list)

    def digests(self, kind: str) -> list[str]:
        """Digests of this case's documents of one kind, oldest first."""
        return [str(entry["document"]) for _, entry in self.entries if entry["kind"] == kind]

    def after(self, kind: str, before: str) -> list[Entry]:
        """Entries of one kind that follow the document with the digest `before`."""
        return [entry for _, entry in self.entries if entry["kind"] == kind and entry.get("before") == before]

    @property
    def state(self) -> str:
        """The last thing that happened, as one word of the log; a refused decision and a review leave it as it was."""
        kinds = [str(entry["kind"]) for _, entry in self.entries]
        aside = ASIDE | ASIDE_ONCE_RUN if "RAN" in kinds else ASIDE
        return next(kind for kind in reversed(kinds) if kind not in aside)


@dataclass(frozen=True, slots=True)
class Histories(Mapping[str, CaseHistory]):
    """Every case by its id. One is found in O(its entries); going through all of them is O(entries of the log)."""

    log: Log
    rows: Rows

    def get(self, case: str, default: Any = None) -> Any:
        """The history of a case, oldest entry first; `default` where there is none. IntegrityError where an entry of it
        is missing."""
        row = self.rows.row("cases", case) if case else None
        return default if row is None else self._of(case, row)

    def several(self, cases: Collection[str]) -> dict[str, CaseHistory]:
        """The histories of these cases, as far as there are any; errors as for `get`. O(their entries)."""
        rows = self.rows.several("cases", cases)
        entries: dict[str, list[tuple[int, Entry]]] = {case: [] for case in rows}
        for index, entry in self.log.found_of("case", rows):
            if index <= rows[str(entry["case"])]["last"]:  # another process may have gone on since
                entries[str(entry["case"])].append((index, entry))
        return {case: self._checked(case, row, entries[case]) for case, row in rows.items()}

    def __getitem__(self, case: str) -> CaseHistory:
        found: CaseHistory | None = self.get(case)
        if found is None:
            raise KeyError(case)
        return found

    def __contains__(self, case: object) -> bool:
        return isinstance(case, str) and bool(case) and self.rows.row("cases", case) is not None

    def __iter__(self) -> Iterator[str]:
        return (case for case, _ in self.rows.all("cases", order="first"))

    def __len__(self) -> int:
        return self.rows.count("cases")

    def __reversed__(self) -> Iterator[str]:
        return reversed(list(self))

    def values(self) -> list[CaseHistory]:  # type: ignore[override]
        """Every case, the first one asked first. O(entries)."""
        return list(self._whole().values())

    def items(self) -> list[tuple[str, CaseHistory]]:  # type: ignore[override]
        """The same, each with its id. O(entries)."""
        return list(self._whole().items())

    def _whole(self) -> dict[str, CaseHistory]:
        told: dict[str, list[tuple[int, Entry]]] = {}
        for index, entry in self.log.read():
            if entry["kind"] == "ASKED":
                told[str(entry["case"])] = []
            if (entries := told.get(str(entry.get("case", "")))) is not None:
                entries.append((index, entry))
        found = {case: row for case, row in self.rows.all("cases", order="first") if case in told}
        for case, entries in told.items():  # a row may have gone on since; older than its entries it may not be
            if case not in found or found[case]["last"] < entries[-1][0] or found[case]["first"] < entries[0][0]:
                raise IntegrityError(_MISSING.format(case=case[:40]))
        return {case: _made(case, row, told[case]) for case, row in found.items()}

    def newest(self, most: int, *, state: str = "") -> list[tuple[int, CaseHistory]]:
        """Cases, the newest request first, each with its index; of one state, where it is said. O(their entries)."""
        page = self.rows.page("cases", order="first", most=most, state=state)
        return [(int(row["first"]), self._of(case, row)) for case, row in page]

    def in_state(self, *states: str) -> Iterator[CaseHistory]:
        """Cases that stand so, oldest first. O(those)."""
        for state in states:
            for case, row in self.rows.all("cases", order="first", state=state):
                yield self._of(case, row)

    def _of(self, case: str, row: Mapping[str, Any]) -> CaseHistory:
        found = self.log.found("case", case)
        if found and found[-1][0] > row["last"]:
            # Another process went on with it after this row was read, or the row was set back: reading it checks that.
            row = self.rows.row("cases", case) or row
            found = [one for one in self.log.found("case", case) if one[0] <= row["last"]]
        return self._checked(case, row, found)

    def _checked(self, case: str, row: Mapping[str, Any], found: list[tuple[int, Entry]]) -> CaseHistory:
        entries = [(index, entry) for index, entry in found if index >= row["first"]]
        if len(entries) != row["n"] or entries[0][1]["kind"] != "ASKED" or entries[-1][0] != row["last"]:
            raise IntegrityError(_MISSING.format(case=case[:40]))
        return _made(case, row, entries)


def _made(case: str, row: Mapping[str, Any], entries: list[tuple[int, Entry]]) -> CaseHistory:
    capability, purpose, by, unit = (str(row[name]) for name in ("capability", "purpose", "by", "unit"))
    return CaseHistory(case=case, capability=capability, purpose=purpose, by=by, unit=unit, entries=entries)
