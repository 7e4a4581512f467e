"""Retention in the kernel: acts of people, the office's job, keys that are really destroyed; for every dataset."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from boxes import BOXES, CONTENT, SHORTEN
from deciding import read_and_decide
from desk import Desk, desk
from toy import COUNT, TOY, example

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.identity import revocation
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Admission, Declaration, RetentionAct, digest_of, to_bytes
from peelian.kernel.retention import retention
from peelian.kernel.verbs import custody

WHY = "as the bylaw says"
DECLARED = Declaration(
    title="Boxes", purposes=("disclosure",), legal_basis="a test", minimisation="nothing more", retention_days=36_500,
    source="made by the test",
)  # fmt: skip


@pytest.fixture
def town() -> Desk:
    made = desk((TOY, BOXES))
    retention.define(made.kernel, made.people["privacy-officer"], "stop", days=30, words=WHY)
    retention.define(made.kernel, made.people["privacy-officer"], "force", days=90, words=WHY)
    retention.define(made.kernel, made.people["privacy-officer"], "murder", days=0, words=WHY)
    return made


def keep(town: Desk, *categories: str) -> Admission:
    kept = custody.keep(town.kernel, town.people["clerk"], DECLARED, io.BytesIO(CONTENT), format="box")
    if categories:
        retention.tag(town.kernel, town.people["clerk"], kept.dataset, categories, words=WHY)
    return kept


def test_the_longest_category_counts_then_seven_days_then_the_key_is_gone(town: Desk) -> None:
    kept = keep(town, "stop", "force")
    town.clock.days(89)
    assert retention.run_daily_job(town.kernel) == retention.Swept(queued=(), destroyed=())
    town.clock.days(1.1)
    assert retention.run_daily_job(town.kernel).queued == (kept.dataset,)
    town.clock.days(6.5)
    assert retention.run_daily_job(town.kernel).destroyed == ()
    town.clock.days(0.6)
    assert retention.run_daily_job(town.kernel).destroyed == (kept.dataset,)
    intent = town.kernel.append("OPENED", object=kept.object, dataset=kept.dataset)
    with pytest.raises(OutOfOrder, match="destroyed"):
        town.kernel.stores.vault.open(kept.object, intent=intent)
    assert retention.run_daily_job(town.kernel) == retention.Swept(queued=(), destroyed=())
    assert kept.dataset in town.kernel.state.destroyed


def test_a_destruction_that_was_cut_off_is_completed_by_the_next_run(town: Desk) -> None:
    kept = keep(town, "stop")
    with town.kernel.stores.vault.seal(kept.dataset) as again:  # sealed anew after a breach: it goes with its dataset
        again.write(CONTENT)
    town.kernel.append("QUEUED", dataset=kept.dataset, by="office", why="due")
    town.kernel.append("DESTROYED", dataset=kept.dataset, object=kept.object, by="office", why="retention")
    assert len(town.kernel.stores.vault.found(kept.dataset)) == 2
    retention.run_daily_job(town.kernel)
    assert town.kernel.stores.vault.found(kept.dataset) == () and town.kinds()[-1] == "SHREDDED"
    before = len(town.kinds())
    retention.run_daily_job(town.kernel)
    assert len(town.kinds()) == before, "once is enough"


def test_a_hold_that_comes_between_two_slices_of_the_job_counts_and_others_have_the_kernel_meanwhile(
    town: Desk,
) -> None:
    kept = [keep(town, "stop") for _ in range(retention.QUEUED_AT_ONCE + 1)]
    town.clock.days(31)
    job, held = retention.run_in_slices(town.kernel), []
    for _ in job:
        with ThreadPoolExecutor() as other:
            assert other.submit(lambda: town.kernel.append("HEARTBEAT", entries=1)).result(timeout=10)
        if not held:
            held.append(
                retention.hold(town.kernel, town.people["clerk"], kept[-1].dataset, words="a court asks for it")
            )
    assert kept[-1].dataset not in town.kernel.state.queued and len(town.kernel.state.queued) == len(kept) - 1
    town.clock.days(8)
    late = retention.run_in_slices(town.kernel)
    next(late)
    retention.hold(town.kernel, town.people["clerk"], kept[0].dataset, words="a court asks for it")
    done = retention.drained(late)
    assert kept[0].dataset not in done.destroyed and len(done.destroyed) == len(kept) - 2
    assert town.kernel.stores.vault.found(kept[0].dataset) and not town.kernel.stores.vault.found(kept[1].dataset)


def test_what_has_no_category_or_none_with_a_time_stays(town: Desk) -> None:
    keep(town)
    keep(town, "murder", "stop")
    town.clock.days(5000)
    assert retention.run_daily_job(town.kernel).queued == ()


def test_a_hold_and_an_open_case_keep_it_and_what_was_made_from_it(town: Desk) -> None:
    kept = keep(town, "stop")
    permit = town.ask(SHORTEN, datasets={"box": kept.dataset})
    evidence, _ = verbs.run(town.kernel, town.people["clerk"], permit)
    made = evidence.made["short"]
    town.clock.days(31)
    assert retention.run_daily_job(town.kernel).queued == (), "a case reads it, and awaits its decision"
    decider = town.people["privacy-officer"]
    read_and_decide(town.kernel, decider, evidence, choice="decline", reasons=WHY, other_evidence=f"document: {WHY}")
    hold = retention.hold(town.kernel, town.people["clerk"], kept.dataset, words="a claim is pending")
    town.clock.days(40)
    assert retention.run_daily_job(town.kernel).queued == (), "held, and its derivative with it"
    retention.release(town.kernel, town.people["privacy-officer"], kept.dataset, hold, words="the claim is settled")
    assert set(retention.run_daily_job(town.kernel).queued) == {kept.dataset, made}
    with pytest.raises(OutOfOrder):
        retention.release(town.kernel, town.people["clerk"], kept.dataset, hold, words=WHY)


def test_what_is_queued_is_out_of_use_and_can_be_taken_back(town: Desk) -> None:
    kept = keep(town, "murder")
    retention.queue(town.kernel, town.people["clerk"], kept.dataset, words="the court released it")
    with pytest.raises(Refused):
        town.ask(SHORTEN, datasets={"box": kept.dataset})
    for who in ("analyst", "commander", "council"):
        with pytest.raises(Refused):
            retention.recover(town.kernel, town.people[who], kept.dataset, words="it was the wrong one")
    retention.recover(town.kernel, town.people["custodian"], kept.dataset, words="it was the wrong one")
    town.ask(SHORTEN, datasets={"box": kept.dataset})
    with pytest.raises(OutOfOrder, match="not queued for destruction"):
        retention.recover(town.kernel, town.people["custodian"], kept.dataset, words=WHY)


def test_behind_the_log_nothing_is_queued_for_its_seven_days_would_be_over_at_once(town: Desk) -> None:
    kept = keep(town, "murder")
    town.clock.days(10)
    town.kernel.append("HEARTBEAT", entries=1)
    town.clock.days(-9)
    with pytest.raises(Refused, match="behind the log"):
        retention.queue(town.kernel, town.people["clerk"], kept.dataset, words=WHY)
    assert kept.dataset in town.kernel.state.datasets
    town.clock.days(9)
    retention.queue(town.kernel, town.people["clerk"], kept.dataset, words=WHY)
    assert retention.run_daily_job(town.kernel).destroyed == ()


def test_a_person_cannot_delete_what_is_held_uncategorised_or_not_yet_over(town: Desk) -> None:
    rules = {
        (): "the_uncategorised_is_not_deleted",
        ("stop",): "nothing_is_deleted_before_its_time",
        ("murder",): "nothing_held_is_deleted",
    }
    for categories, rule in rules.items():
        kept = keep(town, *categories)
        if rule == "nothing_held_is_deleted":
            retention.hold(town.kernel, town.people["clerk"], kept.dataset, why="case", words=WHY)
        with pytest.raises(Refused) as refused:
            retention.queue(town.kernel, town.people["clerk"], kept.dataset, words=WHY)
        assert rule in {reason.rule for reason in refused.value.reasons}
    assert "QUEUED" not in town.kinds()


def test_a_person_deletes_nothing_before_its_longest_category_ends(town: Desk) -> None:
    kept = keep(town, "stop", "force")
    for days in (31, 58):
        town.clock.days(days)
        with pytest.raises(Refused, match="90 days"):
            retention.queue(town.kernel, town.people["clerk"], kept.dataset, words=WHY)
    town.clock.days(1)
    retention.queue(town.kernel, town.people["clerk"], kept.dataset, words=WHY)


def test_what_was_made_keeps_its_categories_when_the_original_goes(town: Desk) -> None:
    kept = keep(town, "murder")
    evidence, _ = verbs.run(town.kernel, town.people["clerk"], town.ask(SHORTEN, datasets={"box": kept.dataset}))
    decider, made = town.people["privacy-officer"], evidence.made["short"]
    read_and_decide(town.kernel, decider, evidence, choice="decline", reasons=WHY, other_evidence=f"document: {WHY}")

    def categories() -> list[str]:
        item = retention.item_of(town.kernel, town.kernel.state.datasets[made], frozenset())
        return [category.id for category in item.categories]

    retention.queue(town.kernel, town.people["clerk"], kept.dataset, words=WHY)
    assert categories() == ["murder"]
    town.clock.days(8)
    assert retention.run_daily_job(town.kernel).destroyed == (kept.dataset,) and categories() == ["murder"]


def test_tables_are_kept_as_their_declaration_says(town: Desk) -> None:
    admitted = town.admit(example().datasets["wells"], COUNT.asks.purposes)
    town.clock.days(399)
    assert retention.run_daily_job(town.kernel).queued == ()
    town.clock.days(1.1)
    assert retention.run_daily_job(town.kernel).queued == (admitted.dataset,)
    town.clock.days(7.1)
    assert retention.run_daily_job(town.kernel).destroyed == (admitted.dataset,)


def test_every_act_is_a_persons_with_words_that_stay_out_of_the_log(town: Desk) -> None:
    kept = keep(town, "stop")
    before = town.kinds()
    with pytest.raises(InputError, match="too short"):
        retention.hold(town.kernel, town.people["clerk"], kept.dataset, words="no")
    assert town.kinds() == before, "a slip in a form is not in the log"
    with pytest.raises(Refused):
        retention.hold(town.kernel, town.people["analyst"], kept.dataset, words=WHY)
    with pytest.raises(Refused):
        retention.define(town.kernel, town.people["clerk"], "short", days=1, words=WHY)
    retention.hold(town.kernel, town.people["clerk"], kept.dataset, words="Jane Doe claims damages")
    assert "Doe" not in str([dict(e) for _, e in town.kernel.stores.log.read()])
    entry = [e for _, e in town.kernel.stores.log.read()][-1]
    assert entry["kind"] == "HELD" and b"Jane Doe" in town.kernel.stores.archive.get(str(entry["document"]))


@pytest.mark.parametrize("wrong", [{"days": 36_161}, {"days": -1}, {"access": "secret"}])
def test_a_category_is_at_most_99_years_and_of_a_known_class(town: Desk, wrong: dict[str, object]) -> None:
    asked: dict[str, object] = {"days": 1, "words": WHY} | wrong
    with pytest.raises(InputError):
        retention.define(town.kernel, town.people["board"], "new", **asked)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        retention.define(town.kernel, town.people["board"], "No Slug", days=1, words=WHY)
    with pytest.raises(InputError, match="unknown category"):
        keep(town, "unknown")


def test_the_state_folded_again_says_the_same(town: Desk) -> None:
    import dataclasses

    from peelian.kernel.state.kernel import OfficeState

    kept = keep(town, "murder")
    retention.queue(town.kernel, town.people["clerk"], kept.dataset, words=WHY)
    again = dataclasses.replace(town.kernel, state=OfficeState())
    assert again.state.queued.keys() == town.kernel.state.queued.keys()
    assert again.state.retention == town.kernel.state.retention


def test_a_category_named_after_somebody_stands_in_no_entry_of_the_log(town: Desk) -> None:
    officer, clerk, name = town.people["privacy-officer"], town.people["clerk"], "smith-case"
    made = retention.define(town.kernel, officer, name, days=30, access="confidential", words=WHY)
    assert made.id == name
    kept = keep(town, name)
    assert [c.id for c in retention.item_of(town.kernel, kept, frozenset()).categories] == [name]
    assert name not in str([entry for _, entry in town.kernel.stores.log.read()])
    with pytest.raises(Refused):  # the same category, by its token: not everybody may open up what it holds close
        retention.define(town.kernel, town.people["board"], name, days=30, words=WHY)
    with pytest.raises(InputError, match="unknown category") as wrong:
        retention.tag(town.kernel, clerk, kept.dataset, ("smith-cases",), words=WHY)
    assert name in wrong.value.accepted


def test_a_category_of_an_older_log_keeps_its_name(town: Desk) -> None:
    officer, clerk = town.people["privacy-officer"], town.people["clerk"]
    kept = keep(town)
    there = len(town.kernel.state.retention.categories)
    town.kernel.append(
        "CATEGORY", category="old", days=30, access="", by=officer.person.token, document=_act(town, "old")
    )
    town.kernel.append("TAGGED", dataset=kept.dataset, categories="old", by="t", document=_act(town, kept.dataset))
    assert [c.id for c in retention.item_of(town.kernel, kept, frozenset()).categories] == ["old"]
    assert retention.define(town.kernel, officer, "old", days=60, words=WHY).days == 60
    retention.tag(town.kernel, clerk, kept.dataset, ("old",), words=WHY)
    assert len(town.kernel.state.retention.categories) == there + 1


def test_more_categories_than_the_log_can_say_are_refused_before_anything_is_logged(town: Desk) -> None:
    officer, clerk = town.people["privacy-officer"], town.people["clerk"]
    names = tuple(f"c-{n}" for n in range(retention.MOST_CATEGORIES + 1))
    for name in names:
        retention.define(town.kernel, officer, name, days=1, words=WHY)
    kept = keep(town)
    with pytest.raises(InputError, match="too many"):
        retention.tag(town.kernel, clerk, kept.dataset, names, words=WHY)
    retention.tag(town.kernel, clerk, kept.dataset, names[1:], words=WHY)


def _act(town: Desk, about: str) -> str:
    made = RetentionAct(act="a", about=about, words=WHY, by="t", at=town.kernel.now().isoformat())
    town.kernel.stores.archive.put(digest_of(made), to_bytes(made))
    return digest_of(made)


def test_a_hold_is_of_something_that_is_there_and_of_a_known_sort(town: Desk) -> None:
    kept, clerk = keep(town, "stop"), town.people["clerk"]
    for nothing in ("d-none", "a-0000000000", "w-0000000000", ""):
        with pytest.raises(OutOfOrder, match="The dataset, alarm or watch is unknown"):
            retention.hold(town.kernel, clerk, nothing, words=WHY)
    with pytest.raises(InputError, match="legal, case"):
        retention.hold(town.kernel, clerk, kept.dataset, why="mine", words=WHY)
    hold = retention.hold(town.kernel, clerk, kept.dataset, words=WHY)
    for of, name in ((kept.dataset, "h-none"), ("a-0000000000", hold)):
        with pytest.raises(OutOfOrder, match="no such hold here"):
            retention.release(town.kernel, clerk, of, name, words=WHY)
    assert retention.holds_in(town.kernel) == {"dataset": {kept.dataset: {hold: "legal"}}, "alarms": {}}


def test_a_hold_is_released_by_somebody_of_another_unit(town: Desk) -> None:
    kept, clerk = keep(town, "stop"), town.people["clerk"]
    hold = retention.hold(town.kernel, clerk, kept.dataset, words=WHY)
    with pytest.raises(Refused, match="Who placed a hold cannot release it"):
        retention.release(town.kernel, clerk, kept.dataset, hold, words=WHY)
    other = town.office.enrol(
        "second", name="S", unit=clerk.person.unit, roles={Role.CLERK}, by=town.people["custodian"]
    )
    with pytest.raises(Refused, match="someone in your unit"):
        retention.release(town.kernel, other, kept.dataset, hold, words=WHY)
    by = town.people["custodian"]
    town.office.enrol("clerk", name=clerk.person.name, unit="elsewhere", roles={Role.CLERK}, by=by)
    with pytest.raises(Refused, match="someone in your unit"):  # who placed it has moved
        retention.release(town.kernel, other, kept.dataset, hold, words=WHY)
    revocation.retire(town.kernel, by, clerk.person.token)
    with pytest.raises(Refused, match="someone in your unit"):  # and left
        retention.release(town.kernel, other, kept.dataset, hold, words=WHY)
    assert retention.holds_in(town.kernel)["dataset"][kept.dataset] == {hold: "legal"}
    retention.release(town.kernel, town.people["privacy-officer"], kept.dataset, hold, words=WHY)
    assert not retention.holds_in(town.kernel)["dataset"].get(kept.dataset)
