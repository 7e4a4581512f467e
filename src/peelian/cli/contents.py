"""The table of contents of `--help`: commands in the order of a town's work, each with its whole first sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterator

SECTIONS: dict[str, tuple[str, ...]] = {
    "To begin": ("demo", "try", "office", "doctor", "serve", "log-on"),
    "People and papers": ("enrol", "train", "people", "retire", "forget", "assess", "issue", "revoke", "bylaws"),
    "A use, from data to decision": ("formats", "admit", "capabilities", "ask", "run", "decide", "publish"),
    "What came of it": ("cases", "report", "export", "register", "propose-export", "bulk-export"),
    "Recordings, sensors, crowds": (
        "footage", "review", "retention", "sensors", "confirm-warrant", "refuse-warrant", "watch",
    ),
    "Oversight": (
        "compliance", "produce", "rights", "vendor", "privileges", "tool", "drift", "accesses", "whoaccessed",
        "verify", "witness",
    ),
    "When something goes wrong": (
        "suspend", "resume", "breach", "drill", "propose", "proposals", "approve", "rotate-keys", "restore-log",
    ),
    "Whoever runs the machine": ("backup", "registrar"),
}  # fmt: skip
WHOLE = 400  # no sentence of ours is as long: none is cut with three dots


class Contents(TyperGroup):
    """A group that shows its commands under headings, where they have any, and cuts no sentence short."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands: those of `SECTIONS` under their headings, all others under one."""
        for heading, names in _sections(tuple(self.list_commands(ctx))):
            found = [(name, self.get_command(ctx, name)) for name in names]
            rows = [(name, c.get_short_help_str(WHOLE)) for name, c in found if c is not None and not c.hidden]
            with formatter.section(heading):
                formatter.write_dl(rows)


def _sections(names: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each heading with the commands that there are; what stands under no heading comes last."""
    if not set(SECTIONS["To begin"]) <= set(names):  # a room of its own, such as `peelian footage`
        yield "Commands", names
        return
    for heading, known in SECTIONS.items():
        yield heading, tuple(name for name in known if name in names)
    known_at_all = {name for known in SECTIONS.values() for name in known}
    if rest := tuple(name for name in names if name not in known_at_all):
        yield "Further commands", rest
