"""Proves that the room's page runs as it stands and names every capability and format."""

from __future__ import annotations

import doctest
import re
from importlib import resources

from peelian.technologies.faces import CAPABILITIES, TECHNOLOGY

README = (resources.files("peelian.technologies.faces") / "README.md").read_text(encoding="utf-8")


def test_the_code_runs_and_prints_what_it_says():
    (block,) = re.findall(r"```python\n(.*?)```", README, flags=re.S)
    test = doctest.DocTestParser().get_doctest(block, {}, "README", None, None)
    result = doctest.DocTestRunner().run(test)
    assert result.attempted >= 6
    assert result.failed == 0


def test_every_capability_and_format_has_its_line():
    for known in (*CAPABILITIES, *TECHNOLOGY.formats()):
        assert f"`{known.id}`" in README, known.id
