"""All simulations of the verdicts and intervals of audits: under no effect, under a known one, on two populations.

uv run python benchmarks/audits_verdicts.py [--quick] [--json FILE] [--seed N]

Each module can be run by itself, too. Whole, with 2,000 runs a cell and more, they take about an hour on one core.
"""

from __future__ import annotations

import verdicts_comparisons
import verdicts_faces
import verdicts_repeats
import verdicts_risk
import verdicts_use
from figures import Figure, finish, flags, show

PARTS = (verdicts_risk, verdicts_repeats, verdicts_comparisons, verdicts_faces, verdicts_use)


def main() -> None:
    """Print every figure; leave with 1 where a bar does not hold."""
    parser = flags(__doc__ or "")
    parser.add_argument("--seed", type=int, default=20_261_128, help="another seed of all populations")
    given = parser.parse_args()
    figures: list[Figure] = []
    for part in PARTS:
        figures += [show(figure) for figure in part.records(given.quick, given.seed)]
    finish(figures, given.json)


if __name__ == "__main__":
    main()
