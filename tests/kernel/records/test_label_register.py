"""The register of labels: what two people adopted, found in any spelling, and kept as long as it is in force."""

from __future__ import annotations

import pytest
from desk import Desk, desk
from labels import adopt, of_area

from peelian.errors import InputError
from peelian.kernel.disclosure.label_checks import propose_vocabulary
from peelian.kernel.model.labels import LabelKind, Vocabulary
from peelian.kernel.records.label_register import adopted
from peelian.kernel.retention.retention_roots import needed_digests


@pytest.fixture
def town() -> Desk:
    return desk(())


def test_an_adopted_label_is_found_in_any_spelling(town: Desk) -> None:
    assert adopted(town.kernel).find(LabelKind.AREA, "Riverdale") is None
    adopt(town.kernel, town.people["custodian"], town.people["board"], LabelKind.AREA, ["L'Amoreaux", "Riverdale"])
    known = adopted(town.kernel)
    found = known.find(LabelKind.AREA, "LAMOREAUX")
    assert found is not None and found.label == "L'Amoreaux" and known.must_have_area("riverdale").people == 5_000
    assert known.find(LabelKind.GROUP, "Riverdale") is None
    with pytest.raises(InputError, match="area not in the register"):
        known.must_have_area("Riverside")


def test_later_vocabularies_add_to_earlier_ones(town: Desk) -> None:
    for name in ("Riverdale", "Annex"):
        adopt(town.kernel, town.people["custodian"], town.people["board"], LabelKind.AREA, [name])
    assert len(adopted(town.kernel).vocabularies) == 2 and adopted(town.kernel).find(LabelKind.AREA, "Annex")


def test_what_is_only_proposed_is_not_in_force(town: Desk) -> None:
    one = Vocabulary(kind=LabelKind.AREA, source="a census", labels=(of_area("Riverdale"),))
    propose_vocabulary(town.kernel, town.people["custodian"], one, words="one two three")
    assert not adopted(town.kernel).vocabularies


def test_a_vocabulary_in_force_is_needed_however_old_it_is(town: Desk) -> None:
    adopt(town.kernel, town.people["custodian"], town.people["board"], LabelKind.AREA, ["Riverdale"])
    town.clock.days(4_000)
    assert set(adopted(town.kernel).vocabularies) <= set(needed_digests(town.kernel))
