"""The register of geographies and vocabularies: labels that two people of different units adopted, open to the public.

A file's label that is neither in it nor of a public classification has no way in, and so none out
(`kernel/disclosure/label_checks`): no area can be called after a person or an address, and no group can be one person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from peelian.errors import InputError
from peelian.kernel.model.documents import Proposal
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary, vocabulary_of
from peelian.kernel.records.office_records import still_kept
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import still_archived
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
WITH_OUTLINE = "an area adopted with its outline. Adopt it again: `peelian data vocabulary FILE --propose`"
ACCEPTED: Mapping[LabelKind, str] = {
    LabelKind.AREA: "areas that two people adopted: `peelian data vocabulary`",
    LabelKind.LANDMARK: "kinds of places after OpenStreetMap's keys, or adopted ones: `peelian data vocabulary`",
    LabelKind.GROUP: "groups of public classifications, or adopted ones: `peelian data vocabulary`",
    LabelKind.INSTRUMENT: "instruments that two people adopted: `peelian data vocabulary`",
    LabelKind.OUTCOME: "outcomes that two people adopted: `peelian data vocabulary`",
}


@dataclass(frozen=True, slots=True)
class Grounds:
    """The ground of every area that was ever adopted, by its plain spelling, each with the log's index of its approval,
    the newest last. Withdrawn ones stay: what was published of them is not taken back."""

    known: Mapping[str, tuple[tuple[int, str], ...]]

    def of(self, area: str, at: int | None = None) -> str:
        """The ground (WKT) of an area now, or at an index of the log; "" where it had none."""
        found = [ground for index, ground in self.known.get(plain(area), ()) if at is None or index < at]
        return found[-1] if found else ""


def grounds_ever(kernel: Kernel) -> Grounds:
    """Every adopted area's grounds. O(approvals), and the decryption of each list of areas."""
    found: dict[str, tuple[tuple[int, str], ...]] = {}
    for index, entry in kernel.stores.log.read(kinds=("APPROVED",)):
        if entry.get("act") != "vocabulary":
            continue
        proposal = still_archived(kernel, str(entry["before"]), Proposal)
        kept = still_kept(kernel, str(proposal.body.get("record", ""))) if proposal else None
        if kept is None or proposal is None or proposal.body.get("withdraw"):
            continue
        for one in vocabulary_of(kept.body).labels:
            if one.ground:
                found[plain(one.label)] = (*found.get(plain(one.label), ()), (index, one.ground))
    return Grounds(found)


def adopted(kernel: Kernel) -> LabelRegister:
    """The labels in force. O(vocabularies), and the decryption of each."""
    made: dict[LabelKind, dict[str, Label]] = {kind: {} for kind in LabelKind}
    vocabularies: dict[str, Vocabulary] = {}
    for record in kernel.state.adopted.whole("vocabulary").vocabularies:
        if kept := still_kept(kernel, record):
            vocabularies[record] = vocabulary = vocabulary_of(kept.body)
            made[vocabulary.kind] |= {plain(one.label): one for one in vocabulary.labels}
    return LabelRegister(made, vocabularies)
