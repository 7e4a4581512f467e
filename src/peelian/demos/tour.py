"""The guided tour of the town: what to do next and who does it, read from the state of the office."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from peelian.demos.mapping import TRIED, TRIED_BACKTEST, TRIED_FORECAST
from peelian.kernel.model.documents import Request
from peelian.kernel.state.case_history import CaseHistory
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import archived
from peelian.operations.office import Office
from peelian.oversight.review.sampling import bounds
from peelian.oversight.review.week import signed_weeks, weeks
from peelian.pictures.moments import moment
from peelian.pictures.panels import Say

ENDED = frozenset({"DECIDED", "ISSUED", "PUBLISHED", "DELIVERED"})
WAY = (frozenset({"RAN"}), ENDED, frozenset({"PUBLISHED"}))
EXPIRES_SOON = timedelta(days=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do: who does it (a short name), in words, at which page, and whether it is done."""

    who: str
    says: str
    href: str
    done: bool = False


def steps(office: Office, say: Say, language: str) -> tuple[Step, ...]:
    """The way from a refusal to a publication, in order. A rejected test is done again. O(entries)."""
    kernel, cases = office.kernel, f"/{language}/cases/"
    asked = _asked(kernel)
    proof = _furthest(one for one in asked["mapping.backtest"] if not _is_rejected(one))
    forecast = _furthest(one for one in asked["mapping.forecast"] if one.state != "REFUSED")
    tested, told = f"{cases}{proof.case}" if proof else "", f"{cases}{forecast.case}" if forecast else ""
    ask, test = _form(kernel, language, "forecast", TRIED_FORECAST), _form(kernel, language, "backtest", TRIED_BACKTEST)
    adopted, decided = _came_to(proof, ENDED), _came_to(forecast, ENDED)
    published = _came_to(forecast, {"PUBLISHED"})
    told_of = [
        ("analyst", "Request a forecast of robberies.", ask, bool(asked["mapping.forecast"])),
        ("analyst", "It was refused: no accuracy report. Request a back-test.", test, proof is not None),
        ("analyst", "The back-test is permitted. Run it: it takes some seconds.", tested, _came_to(proof, {"RAN"})),
        ("board", "You did not ask for this test. Read it, then adopt or reject the report.", tested, adopted),
        ("analyst", "The report was adopted. Request the same forecast again.", ask, forecast is not None),
        ("analyst", "The forecast is permitted. Run it.", told, _came_to(forecast, {"RAN"})),
        ("commander", "Read the forecast, then accept, change or decline it, with reasons.", told, decided),
        ("clerk", "Publish the case. What leaves is checked.", told, published),
    ]  # fmt: skip
    return tuple(Step(who=who, says=say(says), href=href, done=done) for who, says, href, done in told_of)


def waiting(office: Office, say: Say, language: str) -> Iterator[Step]:
    """What else waits in the town, and for whom. O(entries)."""
    kernel = office.kernel
    if n := len(kernel.state.alarms.floor.queue()):
        says = say("%(n)d crowd %(n:alarm waits|alarms wait) for an operator.", n=n)
        yield from (Step(who=who, says=says, href=f"/{language}/console") for who in ("kay", "lee"))
    for history in kernel.state.histories.in_state("RAN"):
        case = f"/{language}/cases/{history.case}"
        if history.capability == "footage.propose":
            says = say("A recording is under review: check the suggested redactions.")
            yield Step(who="clerk", says=says, href=f"{case}/review")
        elif history.capability == "mapping.forecast" and not _is_asked(kernel, history, TRIED):
            says = say("A forecast of break-ins waits for your decision.")
            yield Step(who="commander", says=says, href=case)
    signed = signed_weeks(kernel)
    over = (week for week in weeks(kernel) if bounds(week)[1] <= kernel.now())
    if week := next((week for week in over if week not in signed), ""):
        says = say("The access review of week %(week)s is due.", week=week)
        yield from (Step(who=who, says=says, href=f"/{language}/accesses") for who in ("privacy", "auditor"))
    for ends in sorted(paper.ends for paper in kernel.state.authorizations.values()):
        if kernel.now().isoformat() < ends < (kernel.now() + EXPIRES_SOON).isoformat():
            says = say("An authorization expires on %(day)s.", day=moment(ends[:10], language))
            yield from (Step(who=who, says=says, href=f"/{language}/inventory") for who in ("council", "board"))
            return


def _asked(kernel: Kernel) -> dict[str, list[CaseHistory]]:
    """The cases in which the tour's own forecast or test was asked for, the newest first."""
    found: dict[str, list[CaseHistory]] = {"mapping.forecast": [], "mapping.backtest": []}
    for history in reversed(kernel.state.histories.values()):
        if history.capability in found and _is_asked(kernel, history, TRIED):
            found[history.capability].append(history)
    return found


def _is_asked(kernel: Kernel, history: CaseHistory, params: Mapping[str, object]) -> bool:
    request = archived(kernel, history.digests("ASKED")[0], Request)
    return all(request.params.get(name) == value for name, value in params.items())


def _is_rejected(history: CaseHistory) -> bool:
    choices = [entry.get("choice") for _, entry in history.entries if entry["kind"] == "DECIDED"]
    return history.state == "REFUSED" or "reject" in choices


def _furthest(histories: Iterable[CaseHistory]) -> CaseHistory | None:
    """Of cases, newest first, the one that has come furthest: what is done stays done when it is asked for again."""
    return max(histories, key=lambda one: sum(_came_to(one, kinds) for kinds in WAY), default=None)


def _came_to(history: CaseHistory | None, kinds: frozenset[str] | set[str]) -> bool:
    return history is not None and any(entry["kind"] in kinds for _, entry in history.entries)


def _form(kernel: Kernel, language: str, what: str, params: Mapping[str, object]) -> str:
    """The address of a request's form, filled in: its parameters, and the town's own data."""
    known = {kernel.shape_of(one): one.dataset for one in kernel.state.datasets.values()}
    fields = {"purpose": "advice" if what == "forecast" else "proof"}
    fields |= {
        f"data.{shape}": known[f"mapping.{shape}"] for shape in ("incidents", "areas") if f"mapping.{shape}" in known
    }
    fields |= {f"param.{name}": str(value) for name, value in params.items()}
    return f"/{language}/ask/mapping.{what}?{urlencode(fields)}"
