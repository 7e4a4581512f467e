"""Object state: which dataset each sealed object holds, which are destroyed, whether keys are being rotated."""

from __future__ import annotations

from dataclasses import dataclass, field

from peelian.kernel.model.ports import Entry


@dataclass(slots=True)
class ObjectState:
    """Folded from the log, one entry at a time. O(1) per entry."""

    datasets: dict[str, str] = field(default_factory=dict)  # object → the dataset it was sealed as
    gone: set[str] = field(default_factory=set)  # objects that the log says are destroyed
    rotating: bool = False  # keys are being rotated

    def fold(self, entry: Entry) -> None:
        """Bring the tally in step with one entry."""
        kind = str(entry["kind"])
        if kind in ("ADMITTED", "DERIVED", "SEALED"):
            self.datasets[str(entry["object"])] = str(entry["dataset"])
        elif kind in ("DESTROYED", "KEY_DESTROYED"):
            self.gone.add(str(entry["object"]))
        if kind == "SEALED" and "before" in entry:  # sealed anew: the one before goes
            self.gone.add(str(entry["before"]))
        if kind in ("ROTATING", "ROTATED"):
            self.rotating = kind == "ROTATING"
        elif kind == "CARRIED_OUT" and entry["act"] == "rotate_keys":
            self.rotating = True
