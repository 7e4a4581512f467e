"""The house's words: every word the kernel writes has a sentence, and an unknown one is still seen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from kinds import kinds_of_the_product

from peelian.kernel.model.capability import AuthorizationKind, Purpose, Role
from peelian.kernel.model.policy_port import TITLES
from peelian.kernel.state.signed_documents import KINDS as DOCUMENTS
from peelian.oversight.transparency.register import STATES as REACHED
from peelian.pictures.words import english
from peelian.wording import labels as words

SOURCES = Path(words.__file__).parents[1]


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        (words.PURPOSES, {str(p) for p in Purpose}),
        (words.ROLES, {str(r) for r in Role}),
        (words.AUTHORIZATIONS, {str(p) for p in AuthorizationKind}),
        (words.STATES, set(REACHED.values())),
        (words.KINDS, set(DOCUMENTS.values()) | set(REACHED) | set(kinds_of_the_product())),
        (words.RULES, {"the_technology_is_not_suspended", "the_asker_may_ask", "the_authorizations_are_in_order"}),
    ],
)
def test_no_word_of_the_kernel_is_without_a_sentence(known: dict[str, str], wanted: set[str]) -> None:
    assert wanted <= set(known)


def test_every_rule_named_in_the_kernel_has_a_sentence() -> None:
    kernel = SOURCES / "kernel"
    text = "".join(path.read_text(encoding="utf-8") for path in kernel.rglob("*.py"))
    named = set(re.findall(r'"((?:the|a|an|only|no|small|values)_[a-z]+_[a-z_]+)"', text))
    policies = "".join(
        path.read_text(encoding="utf-8") for path in (SOURCES / "kernel/policy/policies").glob("*.cedar")
    )
    named -= set(re.findall(r'@id\("([a-z_]+)"\)', policies)) - set(words.RULES)  # those are told in a rule's name
    assert len(named) > 15 and named <= set(words.RULES)


def test_authorizations_are_called_as_the_policy_calls_them() -> None:
    assert {str(authorization): title for authorization, title in TITLES.items()} == dict(words.AUTHORIZATIONS)


def test_an_unknown_word_is_shown_and_not_hidden() -> None:
    assert words.worded(words.STATES, "half_done", english) == "half done"
    assert (
        words.rules_broken(("the_authorizations_are_in_order", "a_new_rule"), english)
        == "Required authorization missing or not valid; a new rule"
    )
