"""The tree, its proofs and its tiles, against the plain recursive definition of RFC 9162."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import IntegrityError
from peelian.kernel.log.merkle import (
    EMPTY_ROOT,
    TILE,
    Head,
    TileAt,
    Tree,
    bundle_bytes,
    extends,
    includes,
    leaf_hash,
    read_bundle,
    tile_bytes,
    tiles_between,
)

ENTRIES = [str(number).encode() for number in range(600)]
LEAVES = [leaf_hash(e) for e in ENTRIES]


def defined(leaves: list[bytes]) -> bytes:
    """The root as RFC 9162, section 2.1.1, defines it, by recursion."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while 2 * split < len(leaves):
        split *= 2
    return sha256(b"\x01" + defined(leaves[:split]) + defined(leaves[split:])).digest()


@pytest.fixture(scope="module")
def tree() -> Tree:
    grown = Tree()
    for leaf in LEAVES:
        grown.append(leaf)
    return grown


def test_roots_of_every_size_are_the_defined_ones(tree: Tree) -> None:
    for size in [*range(40), 255, 256, 257, 511, 512, 513, 600]:
        assert tree.root(size) == defined(LEAVES[:size])
    assert tree.root(0) == EMPTY_ROOT


def test_a_leaf_is_no_node(tree: Tree) -> None:
    """The first two leaf hashes of Certificate Transparency's own test vectors: RFC 6962's byte 0 before an entry."""
    published = {
        b"": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        b"\x00": "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    }
    assert {entry: leaf_hash(entry).hex() for entry in published} == published
    assert leaf_hash(leaf_hash(b"1") + leaf_hash(b"2")) != tree.root(2) != leaf_hash(b"\x01" + b"".join(LEAVES[:2]))


def test_every_entry_of_every_small_log_is_proven_and_no_other(tree: Tree) -> None:
    for size in range(1, 34):
        for index in range(size):
            proof = tree.inclusion(index, size)
            assert includes(LEAVES[index], index, size, proof, tree.root(size))
            assert not includes(LEAVES[index + 1], index, size, proof, tree.root(size))
            assert not includes(LEAVES[index], index + 1, size, proof, tree.root(size))
            assert not includes(
                LEAVES[index], index, size, (*proof, proof[-1] if proof else LEAVES[0]), tree.root(size)
            )
            assert not proof or not includes(LEAVES[index], index, size, proof[:-1], tree.root(size))


def test_every_small_log_begins_every_longer_one_and_no_other(tree: Tree) -> None:
    for new in range(34):
        for old in range(new + 1):
            proof = tree.consistency(old, new)
            heads = Head(size=old, root=tree.root(old)), Head(size=new, root=tree.root(new))
            assert extends(*heads, proof) == (old > 0)
            forked = Head(size=old, root=LEAVES[500])
            assert not extends(forked, heads[1], proof)
            assert not extends(heads[1], heads[0], proof) or old == new


@settings(max_examples=60)
@given(st.data())
def test_a_changed_proof_is_none(data: st.DataObject) -> None:
    grown = Tree()
    for leaf in LEAVES[: data.draw(st.integers(2, 300))]:
        grown.append(leaf)
    size = grown.size
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size - 1))
    for proof, check in (
        (grown.inclusion(index, size), lambda p: includes(LEAVES[index], index, size, p, grown.root())),
        (
            grown.consistency(old, size),
            lambda p: extends(Head(size=old, root=grown.root(old)), Head(size=size, root=grown.root()), p),
        ),
    ):
        assert check(proof)
        place, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        changed = bytearray(proof[place])
        changed[bit // 8] ^= 1 << bit % 8
        assert not check((*proof[:place], bytes(changed), *proof[place + 1 :]))
        assert not check((*proof[:place], proof[place][:31], *proof[place + 1 :]))


@given(st.lists(st.integers(0, 70), max_size=8))
def test_leaves_added_side_by_side_make_the_tree_of_leaves_added_one_by_one(steps: list[int]) -> None:
    singly, together = Tree(), Tree()
    for step in steps:
        leaves = [leaf_hash(number.to_bytes(2)) for number in range(singly.size, singly.size + step)]
        for leaf in leaves:
            singly.append(leaf)
        together.extend(b"".join(leaves))
        assert together.root() == singly.root()
    whole = singly.size
    assert together.size == whole
    assert all(together.inclusion(at, whole) == singly.inclusion(at, whole) for at in range(whole))


def test_what_is_not_there_has_no_root_and_no_proof(tree: Tree) -> None:
    for wrong in (
        lambda: tree.root(601),
        lambda: tree.root(-1),
        lambda: tree.inclusion(5, 5),
        lambda: tree.inclusion(-1, 5),
        lambda: tree.inclusion(0, 601),
        lambda: tree.consistency(6, 5),
        lambda: tree.consistency(0, 601),
    ):
        with pytest.raises(IntegrityError):
            wrong()


def test_tiles_of_seventy_thousand_entries_are_those_of_the_page() -> None:
    """C2SP tlog-tiles, "Partial Tiles": the worked figures for 70,000 and for 256 entries."""
    tiles = list(tiles_between(0, 70_000))
    widths = {level: [tile.width for tile in tiles if tile.level == level] for level in (0, 1, 2, 3)}
    assert widths == {0: [256] * 273 + [112], 1: [256, 17], 2: [1], 3: []}
    assert [(t.level, t.width) for t in tiles_between(0, 256)] == [(0, 256), (1, 1)]


@given(st.integers(0, 1500), st.integers(0, 1500))
def test_growing_in_steps_makes_the_same_tiles(first: int, second: int) -> None:
    old, new = sorted((first, second))
    stepwise = {tile.path for tile in tiles_between(0, old)} | {tile.path for tile in tiles_between(old, new)}
    assert {tile.path for tile in tiles_between(0, new)} <= stepwise


def test_a_tile_holds_the_roots_below_it(tree: Tree) -> None:
    upper = tile_bytes(tree, TileAt(level=1, number=0, width=2))
    assert upper == defined(LEAVES[:TILE]) + defined(LEAVES[TILE : 2 * TILE])


@given(st.lists(st.binary(min_size=1, max_size=400), max_size=20))
def test_bundles_come_back(entries: list[bytes]) -> None:
    assert read_bundle(bundle_bytes(entries)) == entries


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x05abcd", b"\x00\x00", b"\x00\x01a\x00\x00"])
def test_a_bundle_cut_short_or_with_an_empty_entry_is_refused(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        read_bundle(data)
