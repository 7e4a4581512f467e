"""The register of geographies and vocabularies: labels that two people of different units adopted, open to the public.

A file's label that is neither in it nor of a public classification has no way in, and so none out
(`kernel/disclosure/label_checks`): no area can be called after a person or an address, and no group can be one person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from peelian.errors import InputError
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary, vocabulary_of
from peelian.kernel.records.office_records import still_kept
from peelian.kernel.state.kernel import Kernel
from peelian.measure.legible import unseen
from peelian.measure.vocabularies import plain


@dataclass(frozen=True, slots=True)
class LabelRegister:
    """The labels in force, each by its plain spelling, and the vocabularies they are of by their records' digests."""

    labels: Mapping[LabelKind, Mapping[str, Label]]
    vocabularies: Mapping[str, Vocabulary] = field(default_factory=dict)

    def find(self, kind: LabelKind, label: str) -> Label | None:
        """The label in force that is spelled so, without a character that is not seen. O(characters)."""
        found = self.labels[kind].get(plain(label))
        return found if found is None or found.label == label or not unseen(label) else None

    def must_have_area(self, area: str) -> Label:
        """The area of this name; InputError where two people have not adopted it with its outline."""
        found = self.find(LabelKind.AREA, area)
        if found is None:
            raise InputError("area not in the register", column="area", accepted=ACCEPTED[LabelKind.AREA])
        if not found.ground:
            raise InputError(NO_OUTLINE, column="area", accepted=WITH_OUTLINE)
        return found


NO_OUTLINE = "area adopted without an outline"
WITH_OUTLINE = "an area adopted with its outline. Adopt it again: `peelian vocabulary FILE --propose`"
ACCEPTED: Mapping[LabelKind, str] = {
    LabelKind.AREA: "areas that two people adopted: `peelian vocabulary`",
    LabelKind.LANDMARK: "kinds of places after OpenStreetMap's keys, or adopted ones: `peelian vocabulary`",
    LabelKind.GROUP: "groups of public classifications, or adopted ones: `peelian vocabulary`",
    LabelKind.INSTRUMENT: "instruments that two people adopted: `peelian vocabulary`",
    LabelKind.OUTCOME: "outcomes that two people adopted: `peelian vocabulary`",
}


def adopted(kernel: Kernel) -> LabelRegister:
    """The labels in force. O(vocabularies), and the decryption of each."""
    made: dict[LabelKind, dict[str, Label]] = {kind: {} for kind in LabelKind}
    vocabularies: dict[str, Vocabulary] = {}
    for record in kernel.state.adopted.whole("vocabulary").vocabularies:
        if kept := still_kept(kernel, record):
            vocabularies[record] = vocabulary = vocabulary_of(kept.body)
            made[vocabulary.kind] |= {plain(one.label): one for one in vocabulary.labels}
    return LabelRegister(made, vocabularies)
