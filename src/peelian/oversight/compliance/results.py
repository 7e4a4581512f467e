"""The results of a test run, from the JUnit file that pytest writes."""

from __future__ import annotations

import re

from peelian.errors import InputError
from peelian.oversight.compliance.standing import Results

CASE = re.compile(rb'<testcase classname="([^"]*)" name="([^"]*)"[^>]*?(/>|>(.*?)</testcase>)', re.S)
BAD = re.compile(rb"<(failure|error|skipped)\b")


def read_results(content: bytes, *, name: str = "results.xml") -> Results:
    """Test name → passed, from `pytest --junitxml=FILE`. A skipped test did not pass. InputError: no such file.

    Only the flat text pytest writes is looked for; entities and document types of a doctored file are never expanded.
    """
    found = {_named(m[1].decode(), m[2].decode()): not BAD.search(m[4] or b"") for m in CASE.finditer(content)}
    if not found:
        raise InputError("file without test results", file=name, accepted="what `pytest --junitxml` writes")
    return found


def _named(module: str, test: str) -> str:
    return f"{module.replace('.', '/')}.py::{test}"
