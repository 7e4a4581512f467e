"""Layout: what stands where in a header, and options that cannot be."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.technologies.risk.formats.layout import layout_of
from peelian.technologies.risk.formats.tally import COHORT, COMPAS, TALLY


def test_what_is_left_of_a_cohort_are_its_groups_and_the_pseudonym_is_none() -> None:
    header = ["pid", "Score", "outcome", "outcome_date", "score_date", "follow_up_days", "race", "sex", "weight"]
    layout = layout_of(header, {}, COHORT)
    assert layout.groups == ("race", "sex")
    assert layout.score == "Score"
    assert layout.person == "pid"
    assert layout.n == ""


def test_a_tally_has_no_persons() -> None:
    assert layout_of(["pid", "score", "outcome", "n"], {}, TALLY).person == ""


def test_columns_may_stand_in_any_order() -> None:
    one = layout_of(["n", "race", "outcome", "score"], {}, TALLY)
    two = layout_of(["score", "outcome", "n", "race"], {}, TALLY)
    assert one == two


def test_the_preset_knows_compas() -> None:
    layout = layout_of(["race", "sex", "age_cat", "decile_score", "two_year_recid", "after_cutoff", "n"], {}, COMPAS)
    assert layout.groups == ("race", "sex", "age_cat")
    assert layout.features == ("age_cat", "sex")
    assert layout.cut_short == "after_cutoff"


def test_items_of_the_point_table_and_features_are_no_groups() -> None:
    options = {"points": "priors: 0=0; 1+=2", "features": "age_band", "areas": "postal_code"}
    layout = layout_of(["score", "outcome", "n", "race", "priors", "age_band", "postal_code"], options, TALLY)
    assert layout.groups == ("race",)
    assert layout.items[0].column == "priors"


@pytest.mark.parametrize(
    ("header", "options", "column"),
    [
        (["score", "outcome", "n"], {"groups": "race"}, "groups"),
        (["score", "outcome", "n"], {"window_days": "two years"}, "window_days"),
        (["score", "outcome", "n"], {"data_until": "soon"}, "data_until"),
        (["score", "outcome", "n", "a", "b", "c", "d", "e"], {}, "groups"),
        (["score", "outcome", "n", "weight"], {"groups": "weight"}, "weight"),
        (["score", "outcome", "n", "name"], {}, "name"),
        (["score", "outcome", "n", "Everyone"], {}, "Everyone"),
        (["score", "outcome", "n"], {"points": "priors: 0=1"}, "priors"),
    ],
)
def test_what_cannot_be_is_refused(header: list[str], options: dict[str, str], column: str) -> None:
    with pytest.raises(InputError):
        layout_of(header, options, TALLY)
