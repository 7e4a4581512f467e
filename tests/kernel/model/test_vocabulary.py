"""The words of the kernel can stand in the log, and every authorization has somebody who may issue it and a title."""

from __future__ import annotations

import re

import pytest

from peelian.kernel.model import capability
from peelian.kernel.model.policy_port import ISSUERS, TITLES
from peelian.kernel.model.vocabulary import AuthorizationKind, Purpose, Role


@pytest.mark.parametrize("words", [Purpose, Role, AuthorizationKind])
def test_every_word_can_stand_in_the_log(words: type[Purpose] | type[Role] | type[AuthorizationKind]) -> None:
    assert all(re.fullmatch(r"[a-z][a-z_]*", word) for word in words)


def test_no_authorization_is_without_issuer_or_title() -> None:
    assert set(ISSUERS) == set(TITLES) == set(AuthorizationKind)
    assert all(ISSUERS[authorization] and ISSUERS[authorization] <= set(Role) for authorization in AuthorizationKind)


def test_a_declaration_imports_its_words_from_one_room() -> None:
    assert (capability.AuthorizationKind, capability.Purpose, capability.Role) == (AuthorizationKind, Purpose, Role)
