"""A report: one file, whole, under a policy that allows its own style and nothing else."""

from __future__ import annotations

import base64
import re

import numpy as np

from peelian.measure.table import Kind, table
from peelian.pictures.panels import Grid, Heading, Paragraph
from peelian.web.pages import csp_hash
from peelian.web.report import LARGEST_INLINE, report

PANELS = [Heading(text="First"), Paragraph(text="x"), Heading(text="Second"), Heading(text="Third")]


def test_the_policy_names_the_hash_of_the_one_style() -> None:
    html = report("A <title>", PANELS, language="en", facts=[("Case", "c-1")])
    style = re.search(r"<style>(.*?)</style>", html, re.S)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    assert style and policy
    assert f"style-src '{csp_hash(style[1])}'" in policy[1].replace("&#39;", "'")
    assert "default-src 'none'" in policy[1].replace("&#39;", "'") and "script-src" not in policy[1]


def test_it_has_language_landmarks_contents_and_no_script() -> None:
    html = report("A <title>", PANELS, language="fr", facts=[("Case", "<c>")])
    assert '<html lang="fr">' in html and "<title>A &lt;title&gt;</title>" in html
    assert html.count("<h1>") == 1 and '<main id="main"' in html and 'href="#main"' in html
    assert re.findall(r'<a href="#s\d+">(\w+)</a>', html) == ["First", "Second", "Third"]
    assert "<script" not in html and "<dd>&lt;c&gt;</dd>" in html
    assert not re.findall(r'(?:src|href)="(?!data:|#)', html)


def test_a_tables_csv_is_in_the_file_unless_it_is_large() -> None:
    small, large = (table("t", {"x": (Kind.COUNT, np.arange(n))}) for n in (3, LARGEST_INLINE))
    grid = Grid(caption="c", titles=("x",), rows=(("0",),), source=small)
    html = report("t", [grid], language="en")
    data = re.search(r'href="data:text/csv;base64,([^"]+)" download="t.csv"', html)
    assert data and base64.b64decode(data[1]) == b"x\r\n0\r\n1\r\n2\r\n"
    big = report("t", [Grid(caption="c", titles=("x",), rows=(), source=large)], language="en")
    assert "text/csv" not in big
