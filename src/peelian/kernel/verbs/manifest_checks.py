"""Manifest checks: what whoever holds the keys asks of a list of partitions before a dataset is admitted by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from peelian.errors import OutOfOrder
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.model.partitions import Manifest, lists_partitions
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.object_state import manifest_of_object

OTHER = "The list of partitions is not the one to be admitted."
SAME = ("zone", "centre_lon", "centre_lat")  # facts in which datasets that are combined must agree


def must_be_new(kernel: Kernel, object: str) -> None:
    """OutOfOrder where this object, or a partition that is said to be the dataset's own, was admitted before."""
    manifest = manifest_of_object(kernel, object) if lists_partitions(object) else Manifest(partitions=())
    own = (one.object for one in manifest.partitions if not one.dataset)
    if any(one in kernel.state.objects.datasets for one in (object, *own)):
        raise OutOfOrder("This object was already admitted.")


def must_be_listed(kernel: Kernel, made: Admission, declaration: Declaration) -> None:
    """OutOfOrder where a manifest is not what is to be admitted, lists no partition or one of them twice, or lists
    other datasets' partitions than those of the datasets it was combined of: each whole, and used for no more than each
    was declared for. O(partitions)."""
    if not lists_partitions(made.object):
        return
    manifest = manifest_of_object(kernel, made.object)
    if not _is_of(manifest, made):
        raise OutOfOrder(OTHER)
    for name, digest in manifest.combined:
        member = member_of(kernel, name, kernel.shape_of(made), made.facts)
        listed = {replace(one, dataset="") for one in manifest.partitions if one.dataset == name}
        if digest != member.digest or listed != set(manifest_of_object(kernel, member.object).partitions):
            raise OutOfOrder(OTHER)
        if not set(declaration.purposes) <= set(member.declaration["purposes"]):
            raise OutOfOrder("A combined dataset serves only purposes that all its parts serve.")


def _is_of(manifest: Manifest, made: Admission) -> bool:
    """Whether a manifest is the one of an admission, and lists some partitions, each once, and all of them its own or
    all of the datasets that it names, each once. O(partitions)."""
    objects = {one.object for one in manifest.partitions}
    members = sorted(name for name, _ in manifest.combined)
    return (
        (manifest.digest, manifest.rows) == (made.digest, made.rows)
        and 0 < len(objects) == len(manifest.partitions)
        and sorted({one.dataset for one in manifest.partitions}) == (members or [""])
    )


def member_of(kernel: Kernel, name: str, shape: str, facts: Mapping[str, object]) -> Admission:
    """A dataset that may be combined with others of this shape (its owner named) and these facts; OutOfOrder says why
    it may not."""
    member: Admission | None = kernel.state.datasets.get(name)
    if member is None or not lists_partitions(member.object):
        raise OutOfOrder("Only datasets that are there and sealed in partitions can be combined.")
    if name in kernel.state.objects.members:
        raise OutOfOrder("This dataset was combined of others. Combine those.")
    if kernel.shape_of(member) != shape or any(member.facts.get(key) != facts.get(key) for key in SAME):
        raise OutOfOrder("Datasets to be combined need the same shape, time zone and centre (option centre).")
    return member
