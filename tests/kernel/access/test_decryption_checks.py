"""When a sealed object may be opened, judged by the log alone: one opening a dataset a run, of what was named, now."""

from __future__ import annotations

import contextlib
import dataclasses
import random
from datetime import timedelta
from typing import Any

import pytest
from boxes import BOXES, SHORTEN
from deciding import read_and_decide
from desk import Desk, desk
from sizes import size
from suspending import lift, suspend
from toy import COUNT, TOY

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.access.decryption_checks import (
    the_intent_holds,
    the_opening_is_permitted,
    the_run_goes_on,
)
from peelian.kernel.identity.step_up import prove
from peelian.kernel.log.entry_schema import read_time
from peelian.kernel.model.documents import Permit, Request, digest_of
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.signed_entries import acted, signed_entry
from peelian.kernel.records.office_records import hold
from peelian.kernel.state.kernel import signed
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.verbs.evidence import began_by


@pytest.fixture
def town() -> Desk:
    made = desk((TOY,))
    made.authorizations(COUNT)
    return made


def begun(town: Desk) -> tuple[Permit, dict[str, str]]:
    """A run that has begun, and the opening it is about to log."""
    permit = town.ask(COUNT)
    data = next(iter(town.kernel.state.datasets.values()))
    town.kernel.append("STARTED", case=permit.case, before=digest_of(permit))
    opening = {"case": permit.case, "before": digest_of(permit), "object": data.object, "dataset": data.dataset}
    return permit, opening


def test_a_run_opens_what_its_request_names_once(town: Desk) -> None:
    permit, opening = begun(town)
    the_run_goes_on(town.kernel, permit.case, digest_of(permit))
    the_opening_is_permitted(town.kernel, opening)
    the_opening_is_permitted(town.kernel, opening | {"engine": "duckdb"})
    with pytest.raises(OutOfOrder, match="No Spark is adopted"):
        the_opening_is_permitted(town.kernel, opening | {"engine": "spark"})
    for wrong in ({"object": "0" * 32}, {"dataset": "other"}, {"case": "c-none"}, {"before": "none"}):
        with pytest.raises(OutOfOrder):
            the_opening_is_permitted(town.kernel, opening | wrong)
    town.kernel.append("OPENED", **opening)
    with pytest.raises(OutOfOrder, match="already opened it"):
        the_opening_is_permitted(town.kernel, opening)
    with pytest.raises(OutOfOrder, match="already used"):
        began_by(town.kernel, town.people["analyst"], permit)


def test_before_it_began_and_after_it_ended_nothing_is_opened(town: Desk) -> None:
    permit = town.ask(COUNT)
    data = next(iter(town.kernel.state.datasets.values()))
    opening = {"case": permit.case, "before": digest_of(permit), "object": data.object, "dataset": data.dataset}
    with pytest.raises(OutOfOrder, match="no run"):
        the_opening_is_permitted(town.kernel, opening)
    verbs.run(town.kernel, town.people["analyst"], permit)
    with pytest.raises(OutOfOrder, match="no run"):
        the_opening_is_permitted(town.kernel, opening)


def test_a_suspension_and_the_permits_end_close_what_was_open(town: Desk) -> None:
    _, opening = begun(town)
    index = town.kernel.append("OPENED", **opening)
    names = {"object": opening["object"], "dataset": opening["dataset"]}
    the_intent_holds(town.kernel, index, **names)
    for wrong in (
        (index - 1, names),
        (index + 1, names),
        (-1, names),
        (index, names | {"object": "0" * 32}),
        (index, names | {"dataset": "other"}),
    ):
        with pytest.raises(OutOfOrder):
            the_intent_holds(town.kernel, wrong[0], **wrong[1])
    suspend(town.kernel, town.people["board"], "toy")
    with pytest.raises(OutOfOrder, match="suspended"):
        the_intent_holds(town.kernel, index, **names)
    lift(town.kernel, town.people["privacy-officer"], town.people["board"], "toy")
    town.clock.now -= timedelta(minutes=11)
    with pytest.raises(OutOfOrder, match="ten minutes"):  # one that a clock ahead dated would stay fresh for longer
        the_intent_holds(town.kernel, index, **names)
    town.clock.now += timedelta(minutes=22)
    with pytest.raises(OutOfOrder, match="ten minutes"):
        the_intent_holds(town.kernel, index, **names)
    town.clock.days(30)
    with pytest.raises(OutOfOrder, match="expired"):
        the_opening_is_permitted(town.kernel, opening)


def test_a_permit_that_the_office_made_for_itself_opens_nothing(town: Desk) -> None:
    """Whoever sits in the process has the office's signature; the policy is asked again before a key is unwrapped."""
    kernel, analyst = town.kernel, town.people["analyst"]
    data = town.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes, "wells")
    said = {"purpose": "proof", "params": {"deepest": 30}, "datasets": {"wells": data.dataset}}
    asked = Request(
        case="c-mine", capability=COUNT.id, by=analyst.person.token, unit="u", at=kernel.now().isoformat(), **said
    )
    asked = signed(asked, analyst.sign)
    kernel.record(asked, case="c-mine", capability=COUNT.id, purpose="proof", by=asked.by, unit="u")
    tomorrow = (kernel.now() + timedelta(days=1)).isoformat()
    permit = Permit(
        case="c-mine", before=digest_of(asked), capability=COUNT.id, until=tomorrow, runs=1,
        authorizations=(), policy="", at=kernel.now().isoformat(),
    )  # fmt: skip
    permit = kernel.signed(permit)
    kernel.record(permit, case="c-mine", before=permit.before)
    what = {"case": "c-mine", "before": digest_of(permit)}
    kernel.append("STARTED", **what)
    index = kernel.append("OPENED", **what, object=data.object, dataset=data.dataset)
    with pytest.raises(Refused, match="purpose"):
        kernel.stores.vault.open(data.object, intent=index)
    forged = dataclasses.replace(permit, runs=9, signature="00" * 64)
    kernel.record(forged, case="c-mine", before=forged.before)
    kernel.append("STARTED", case="c-mine", before=digest_of(forged))
    index = kernel.append("OPENED", case="c-mine", before=digest_of(forged), object=data.object, dataset=data.dataset)
    with pytest.raises(OutOfOrder, match="not signed"):
        kernel.stores.vault.open(data.object, intent=index)
    unwraps: Any = kernel.stores.vault
    assert unwraps.unwraps == 0


def opened_under(town: Desk, permit: Permit) -> None:
    """Record a permit that the office's signature was used for, begin a run under it, and open what it reads."""
    data = next(iter(town.kernel.state.datasets.values()))
    town.kernel.record(permit, case=permit.case, before=permit.before)
    what = {"case": permit.case, "before": digest_of(permit)}
    town.kernel.append("STARTED", **what)
    index = town.kernel.append("OPENED", **what, object=data.object, dataset=data.dataset)
    town.kernel.stores.vault.open(data.object, intent=index)


def test_a_second_permit_of_a_request_opens_nothing(town: Desk) -> None:
    first = town.ask(COUNT)
    second = dataclasses.replace(first, at=(town.kernel.now() + timedelta(seconds=1)).isoformat(), signature="")
    with pytest.raises(OutOfOrder, match="already has a permit"):
        opened_under(town, town.kernel.signed(second))


def test_a_permit_that_holds_longer_than_declared_opens_nothing(town: Desk) -> None:
    kernel, analyst = town.kernel, town.people[town.asker(COUNT)]
    first = town.ask(COUNT)
    for days, opens in ((COUNT.asks.days + 1, False), (COUNT.asks.days, True)):
        asked = dataclasses.replace(archived(kernel, first.before, Request), case=f"c-{days}", signature="")
        asked = signed(asked, analyst.sign)
        kernel.record(asked, case=asked.case, capability=COUNT.id, purpose=asked.purpose, by=asked.by, unit=asked.unit)
        until = (kernel.now() + timedelta(days=days)).isoformat()
        permit = dataclasses.replace(first, case=asked.case, before=digest_of(asked), until=until, signature="")
        refused = contextlib.nullcontext() if opens else pytest.raises(OutOfOrder, match="permit differs")
        with refused:
            opened_under(town, kernel.signed(permit))


class Page:
    """Somebody in the office's own process who appends and opens whatever they like, by chance, from a seed."""

    def __init__(self, town: Desk, seed: int) -> None:
        self.town, self.kernel, self.chance = town, town.kernel, random.Random(seed)
        self.vault: Any = town.kernel.stores.vault
        self.permits: list[Permit] = []
        self.objects: list[tuple[str, str]] = []
        self.tried = self.opened = self.ran = 0
        for _ in range(3):
            self.asks()

    def asks(self) -> None:
        self.permits.append(self.town.ask(COUNT))
        self.objects = [(data.object, data.dataset) for data in self.kernel.state.datasets.values()]

    def runs(self) -> None:
        self.asks()
        if self.chance.random() < 0.5:
            verbs.run(self.kernel, self.town.people["analyst"], self.permits[-1])
            self.ran += 1

    def what(self) -> dict[str, str]:
        permit = self.chance.choice(self.permits[-2:])
        return {
            "case": permit.case,
            "before": self.chance.choice([digest_of(permit), digest_of(permit), permit.before]),
        }

    def starts(self) -> None:
        self.kernel.append("STARTED", **self.what())

    def ends(self) -> None:
        self.kernel.append(self.chance.choice(["FAILED", "RAN"]), **self.what(), document="0" * 64)

    def opens(self) -> None:
        object, dataset = self.chance.choice(self.objects[-2:])
        who = {"by": self.town.people[self.chance.choice(["analyst", "custodian"])].person.token}
        self.kernel.append(
            "OPENED", object=object, dataset=dataset, **(self.what() if self.chance.random() < 0.8 else who)
        )

    def stops(self) -> None:
        if "toy" not in self.kernel.state.suspended:
            suspend(self.kernel, self.town.people["board"], "toy")
        self.unwraps()
        if self.chance.random() < 0.7:
            self.goes_on()

    def goes_on(self) -> None:
        if "toy" in self.kernel.state.suspended:
            lift(self.kernel, self.town.people["privacy-officer"], self.town.people["board"], "toy")

    def waits(self) -> None:
        self.town.clock.now += timedelta(minutes=self.chance.choice([1, 12]))

    def unwraps(self, index: int = -1) -> None:
        """Try the key of an entry (one near the log's end); what comes of it may be no more than the log permits."""
        index = index if index >= 0 else self.kernel.stores.log.size() - self.chance.choice([1, 1, 1, 2, 3])
        permitted, before = _by_hand(self.town, index), self.vault.unwraps
        named = str(self.kernel.stores.log.entry(index).get("object", "0" * 32))
        with contextlib.suppress(OutOfOrder, InputError, Refused):
            self.vault.open(self.chance.choice([named, named, named, self.objects[-1][0]]), intent=index)
        assert self.vault.unwraps - before <= permitted
        self.tried, self.opened = self.tried + 1, self.opened + self.vault.unwraps - before

    def uses(self) -> None:
        """A use as it should be, but now and then something happens in between, and the key is asked for again."""
        self.asks()
        what = {"case": self.permits[-1].case, "before": digest_of(self.permits[-1])}
        self.kernel.append("STARTED", **what)
        self.disturbs()
        object, dataset = self.objects[-1]
        index = self.kernel.append("OPENED", **what, object=object, dataset=dataset)
        self.disturbs()
        for _ in range(2):
            self.unwraps(index)

    def disturbs(self) -> None:
        if self.chance.random() < 0.3:
            self.chance.choice([self.starts, self.opens, self.ends, self.waits, self.stops, self.asks])()

    def acts(self, n: int) -> None:
        ways = {self.starts: 30, self.opens: 50, self.unwraps: 80, self.ends: 4, self.runs: 6, self.stops: 1}
        ways |= {self.uses: 12, self.waits: 2, self.goes_on: 3}
        for act in self.chance.choices(list(ways), list(ways.values()), k=n):
            with contextlib.suppress(Refused):
                act()


@pytest.mark.slow
def test_unwraps_are_the_logs_permitted_openings_over_random_acts_of_the_process(town: Desk) -> None:
    """A page or a plugin that appends and opens what it likes gets a key for a permitted intent only, and once."""
    page = Page(town, seed=20261125)
    page.acts(size(1_000, 2_000))
    assert page.vault.unwraps == page.opened + page.ran
    assert page.tried > 100 and page.opened > 5 and page.ran > 3, (page.tried, page.opened, page.ran)


def _by_hand(town: Desk, index: int) -> int:
    """1 where the entry at `index` is an opening of a run that goes on, under a permit within its count, of what its
    request names; told from the log's entries alone, without the code under test."""
    log = town.kernel.stores.log
    entry = log.entry(index)
    if entry["kind"] != "OPENED" or "case" not in entry:
        return 0
    mine = log.found("case", str(entry["case"]))
    permits = {one["document"]: one for _, one in mine if one["kind"] == "PERMITTED"}
    starts = [(at, one) for at, one in mine if one["kind"] == "STARTED"]
    if entry["before"] not in permits or not starts or starts[-1][1]["before"] != entry["before"]:
        return 0
    ended = [1 for at, one in mine if one["kind"] in ("RAN", "FAILED", "REFUSED") and at > starts[-1][0]]
    used = [1 for _, one in starts if one["before"] == entry["before"]]
    named = archived(town.kernel, str(permits[entry["before"]]["before"]), Request).datasets.values()
    old = town.kernel.now() - read_time(str(entry["t"])) > timedelta(minutes=10)
    openings = [one for at, one in mine if one["kind"] == "OPENED" and starts[-1][0] < at < index]
    again = any(one["dataset"] == entry["dataset"] for one in openings)
    return int(not (ended or old or again) and len(used) == 1 and entry["dataset"] in named)


def test_outside_a_case_only_a_duty_opens(town: Desk) -> None:
    town.ask(COUNT)
    data = next(iter(town.kernel.state.datasets.values()))
    for person in ("analyst", "custodian", "board"):
        opening = {"object": data.object, "dataset": data.dataset, "by": town.people[person].person.token}
        with pytest.raises(OutOfOrder, match="Request a use"):
            the_opening_is_permitted(town.kernel, opening)
    town.kernel.append("SEALED", object="1" * 32, dataset="records", by=town.people["custodian"].person.token)
    custodian = town.people["custodian"]
    opening = {"object": "1" * 32, "dataset": "records", "by": custodian.person.token}
    with pytest.raises(OutOfOrder, match="must sign it"):
        the_opening_is_permitted(town.kernel, opening)
    index = acted(town.kernel, custodian, "OPENED", object="1" * 32, dataset="records")
    the_intent_holds(town.kernel, index, object="1" * 32, dataset="records")
    signed_one = dict(town.kernel.stores.log.read(index))[index]
    with pytest.raises(OutOfOrder, match="not signed"):
        the_opening_is_permitted(town.kernel, {**signed_one, "t": "2026-03-02T10:00:00.00Z"})
    with pytest.raises(OutOfOrder):
        the_opening_is_permitted(town.kernel, {**signed_one, "by": town.people["analyst"].person.token})
    town.kernel.append("KEY_DESTROYED", object="1" * 32, dataset="records")
    with pytest.raises(OutOfOrder, match="destroyed"):
        the_opening_is_permitted(town.kernel, opening)


def test_an_intake_may_look_at_what_it_just_sealed_and_at_nothing_else(town: Desk) -> None:
    kernel, clerk, custodian = town.kernel, town.people["clerk"], town.people["custodian"]
    town.ask(COUNT)
    data = next(iter(kernel.state.datasets.values()))
    acted(kernel, clerk, "KEEPING", dataset="footage-1", format="f")

    def opening(by: Operator = clerk, **what: str) -> dict[str, object]:
        said = {"by": by.person.token, "object": "2" * 32, "dataset": "footage-1"}
        return dict(signed_entry(kernel, by, kernel.entry("OPENED", said | what)))

    the_opening_is_permitted(kernel, opening())
    unsigned = {key: value for key, value in opening().items() if key != "signature"}
    made = {**opening(), "dataset": "footage-1", "case": "c-1"}
    for wrong in (opening(object=data.object), opening(dataset="footage-2"), opening(custodian), unsigned, made):
        with pytest.raises(OutOfOrder):
            the_opening_is_permitted(kernel, wrong)


def test_signed_words_open_once(town: Desk) -> None:
    """What a person signed serves once, also where it is said again while it is fresh."""
    kernel, custodian = town.kernel, town.people["custodian"]
    hold(kernel, town.people["clerk"], "records", b"rows")
    object = next(name for name, of in kernel.state.objects.datasets.items() if of == "records")
    first = acted(kernel, custodian, "OPENED", object=object, dataset="records")
    again = kernel.take(dict(kernel.stores.log.read(first))[first])
    the_intent_holds(kernel, first, object=object, dataset="records")
    with pytest.raises(OutOfOrder, match="was already used"):
        the_intent_holds(kernel, again, object=object, dataset="records")


def of_a_case(town: Desk, person: str, before: str, case: str, dataset: str) -> dict[str, Any]:
    """What a person signs who opens this dataset under findings or a decision of the case, right after stepping up."""
    by, kernel = town.people[person], town.kernel
    prove(kernel, by)
    said = {"case": case, "before": before, "dataset": dataset, "object": kernel.state.datasets[dataset].object}
    return dict(signed_entry(kernel, by, kernel.entry("OPENED", {**said, "by": by.person.token})))


def test_a_review_opens_what_its_case_read_or_made_and_nothing_else() -> None:
    town = desk((TOY, BOXES))
    evidence, _ = verbs.run(town.kernel, town.people["clerk"], town.ask(SHORTEN))
    (read,) = archived(town.kernel, archived(town.kernel, evidence.before, Permit).before, Request).datasets.values()
    (made,) = evidence.made.values()
    town.ask(SHORTEN)
    (another,) = town.kernel.state.datasets.keys() - {read, made}
    review = "privacy-officer", digest_of(evidence), evidence.case
    for dataset in (read, made):
        the_opening_is_permitted(town.kernel, of_a_case(town, *review, dataset))
    with pytest.raises(OutOfOrder, match="did not read or make"):
        the_opening_is_permitted(town.kernel, of_a_case(town, *review, another))


def test_a_delivery_opens_what_its_own_case_made_and_somebody_accepted() -> None:
    town, words = desk((TOY, BOXES)), {"reasons": "she is entitled to it", "other_evidence": "document: her letter"}
    of: dict[str, tuple[str, str, str]] = {}
    for choice in ("accept", "decline"):
        evidence, _ = verbs.run(town.kernel, town.people["clerk"], town.ask(SHORTEN))
        decision = read_and_decide(town.kernel, town.people["privacy-officer"], evidence, choice=choice, **words)
        of[choice] = digest_of(decision), decision.case, *evidence.made.values()
    the_opening_is_permitted(town.kernel, of_a_case(town, "clerk", *of["accept"]))
    for before, case, dataset in (of["decline"], (*of["accept"][:2], of["decline"][2])):
        with pytest.raises(OutOfOrder, match="accepted in a decision"):
            the_opening_is_permitted(town.kernel, of_a_case(town, "clerk", before, case, dataset))
    town.clock.days(31)
    with pytest.raises(OutOfOrder, match="Delivery period ended"):
        the_opening_is_permitted(town.kernel, of_a_case(town, "clerk", *of["accept"]))
