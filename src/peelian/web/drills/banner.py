"""What marks every page of a drill town, and tells on every page of a real office that a drill is being played."""

from __future__ import annotations

from peelian.kernel.records.drill_records import is_drill_town
from peelian.kernel.state.known import unless_damaged
from peelian.operations.office import Office
from peelian.pictures.panels import Say

MARKED = "DRILL. People, data and incidents are invented. For anything real use the real office."
RUNNING = "This is the real office. A drill is being played beside it: %(name)s."
NO_MARKS = {"drill": "", "drilling": "", "drilling_at": ""}


def drill_marks(office: Office, say: Say, *, seated: bool) -> dict[str, str]:
    """`drill`: what stands on every page of a drill town; `drilling`: of an office in which one is open, with the
    address of its page."""
    kernel = office.kernel
    if unless_damaged(kernel.state.notice, lambda: is_drill_town(kernel), False):
        return {**NO_MARKS, "drill": say(MARKED)}
    name = unless_damaged(kernel.state.notice, lambda: kernel.state.duties.drill_open, "")
    at = "/desk/drill" if seated else f"/drills/{name}"
    return {"drill": "", "drilling": say(RUNNING, name=name) if name else "", "drilling_at": at if name else ""}
