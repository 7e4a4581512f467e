"""Groups of residents that figures are given for: the word in a table and its title."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.technologies.mapping.declarations.exposure import EVERYBODY

GROUPS: Mapping[str, str] = {
    EVERYBODY: "All residents",
    "visible_minority": "visible minority",
    "indigenous_identity": "Indigenous identity",
    "low_income": "low income",
    "black_or_latino": "Black or Latino",
    "black": "Black",
    "latino": "Latino",
    "white": "White",
    "asian": "Asian",
    "newcomers": "newcomers",
    "long_settled": "long-settled residents",
}
