"""A refusal in the log: every rule once, as one word, and nothing else."""

from __future__ import annotations

from desk import desk
from toy import TOY

from peelian.errors import Reason
from peelian.kernel.log.entry_schema import LONGEST_VALUE
from peelian.kernel.state.refusal_log import log_refusal, log_withheld, one_word


def _no(rule: str, policy: str = "") -> Reason:
    return Reason(rule=rule, says="it names Jane Doe", remedy="ask", policy=policy)


def test_a_refusal_names_its_rules_and_its_policies_once() -> None:
    town = desk((TOY,))
    log_refusal(town.kernel, "c-1", "m" * 64, [_no("a_rule", "a_policy"), _no("a_rule"), _no("another")])
    (_, entry) = list(town.kernel.stores.log.read())[-1]
    assert entry["rules"] == "a_rule,another" and entry["policies"] == "a_policy,a_rule,another"
    assert "Jane" not in str(entry)


def test_what_is_withheld_names_its_rules() -> None:
    town = desk((TOY,))
    log_withheld(town.kernel, "c-1", "m" * 64, [_no("a_rule"), _no("a_rule")])
    assert list(town.kernel.stores.log.read())[-1][1]["rules"] == "a_rule"


def test_however_many_rules_there_are_they_fit_one_value_of_the_log() -> None:
    word = one_word(f"a_rule_of_the_town_number_{n}" for n in range(50))
    assert len(word) <= LONGEST_VALUE and word.endswith("+43")
    assert one_word(["x" * 300]) == "+1"
