"""Energy of areas: whether a figure can be shown, and which areas to merge until it can.

In public: at least 100 homes, and at least a day. Inside the town: the 15/15 rule (at least 15 customers, none above
15 % of it; California PUC D.14-05-016) and at least an hour. What is less is merged with a neighbouring area.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from peelian.errors import InputError

PUBLIC_HOMES, PUBLIC_SPAN = 100, timedelta(days=1)
INSIDE_HOMES, INSIDE_SHARE, INSIDE_SPAN = 15, 0.15, timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Energy of a group of homes over a period: kWh, number of homes, and kWh of the largest user."""

    areas: tuple[str, ...]
    kwh: float
    homes: int
    largest_kwh: float

    @property
    def share(self) -> float:
        """Share of the largest user; 1 where nothing was used."""
        return self.largest_kwh / self.kwh if self.kwh > 0 else 1.0


def may_show(block: Block, span: timedelta, *, public: bool) -> bool:
    """Whether a block's energy may be shown, in public or inside the town.

    >>> block = Block(areas=("A",), kwh=100.0, homes=15, largest_kwh=15.0)
    >>> may_show(block, timedelta(hours=1), public=False), may_show(block, timedelta(days=1), public=True)
    (True, False)
    """
    inside = block.homes >= INSIDE_HOMES and block.share <= INSIDE_SHARE and span >= INSIDE_SPAN
    return inside and (not public or (block.homes >= PUBLIC_HOMES and span >= PUBLIC_SPAN))


def merged(
    blocks: Sequence[Block], neighbours: Mapping[str, Sequence[str]], span: timedelta, *, public: bool
) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """Blocks that may be shown, merged as needed, and those that may not even then. O(blocks² · areas).

    The smallest block that may not be shown joins its smallest neighbour, until all may or none has a neighbour left.
    What is left over is shown nowhere, and no total that holds it: else it could be worked out.
    """
    if span < (PUBLIC_SPAN if public else INSIDE_SPAN):
        raise InputError("period too short for energy figures", accepted="one day in public, one hour inside the town")
    left = list(blocks)
    while True:
        poor = [block for block in left if not may_show(block, span, public=public)]
        pair = next(
            ((block, other) for block in sorted(poor, key=_size) if (other := _neighbour(block, left, neighbours))),
            None,
        )
        if pair is None:
            shown = tuple(block for block in left if block not in poor)
            return shown, tuple(poor)
        left = [block for block in left if block not in pair] + [_joined(*pair)]


def _size(block: Block) -> tuple[int, float, tuple[str, ...]]:
    return block.homes, block.kwh, block.areas


def _neighbour(block: Block, left: Sequence[Block], neighbours: Mapping[str, Sequence[str]]) -> Block | None:
    near = {area for own in block.areas for area in neighbours.get(own, ())}
    found = [other for other in left if other is not block and near & set(other.areas)]
    return min(found, key=_size, default=None)


def _joined(one: Block, other: Block) -> Block:
    return Block(
        areas=tuple(sorted((*one.areas, *other.areas))),
        kwh=one.kwh + other.kwh,
        homes=one.homes + other.homes,
        largest_kwh=max(one.largest_kwh, other.largest_kwh),
    )
