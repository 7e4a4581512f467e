"""The words that the map page's script says, in the reader's language: it has none of its own."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.pictures.panels import Say


def words_of(say: Say) -> Mapping[str, str]:
    """Labels and sentences by the names the script knows them under; `{}` stands for a value."""
    return {
        "map": say("Map. Arrow keys move from cell to cell, plus and minus zoom."),
        "zoom_in": say("Zoom in"),
        "zoom_out": say("Zoom out"),
        "full": say("Full screen"),
        "exit": say("Leave full screen"),
        "metre": say("m"),
        "kilometre": say("km"),
        "cell": say("Cell {}"),
        "cells": say("{} cells"),
        "area": say("Area"),
        "rank": say("Rank"),
        "rank_of": say("{} of {}"),
        "interval": say("95% prediction interval"),
        "interval_of": say("{} to {}"),
        "difference": say("Difference"),
        "difference_of": say("{} minus {}"),
        "selected": say("Selected cell"),
        "most": say("at most {}"),
        "outside": say("No cell here."),
        "no_area": say("No area here."),
        "areas": say("{} areas"),
        "kept_areas": say("{} of {} areas: {}"),
        "fact": say("{}: {}"),
        "no_value": say("no figure"),
        "under": say("under {}"),
        "from": say("{} to under {}"),
        "above": say("{} or more"),
        "show": say("Show cell {} on the map"),
        "filter": say("Show or hide this class"),
        "histogram": say("Histogram: {}, from {} to {}"),
        "kept": say("{} of {} cells: {}"),
        "share": say("{}: {} of the total"),
        "recorded": say("Recorded in selected cells from {}"),
        "recorded_sum": say("Recorded incidents in these cells"),
        "shifts": say("Shifts"),
        "weeks": say("Forecast windows"),
        "past": say("Past counts of selected cells"),
        "starting": say("From {}"),
        "step_of": say("{} ({} of {})"),
        "play": say("Play"),
        "pause": say("Pause"),
        "next": say("Next step"),
        "no_webgl": say("This browser cannot draw the interactive map (WebGL is missing). The picture shows the same."),
        "failed": say("The map's data could not be loaded. The picture and the tables show the same."),
        "stale": say("This page is out of date. Reload it."),
        "gone": say("You may not see this map, or it no longer exists. Log on again, then reload the page."),
        "unlisted": say("A case named in the link is not in your list, so it is not shown."),
        "other_grid": say("This case has other cells, so no difference can be shown."),
    }
