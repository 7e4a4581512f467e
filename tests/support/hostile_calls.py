"""Functions of ours that read a stranger's text, each with texts made to keep it busy: CPU seconds, in a child."""

from __future__ import annotations

import contextlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
from sizes import size

from peelian import errors
from peelian.intake import dialect, json_reader, sources
from peelian.kernel.model import org_units
from peelian.measure import legible, persons
from peelian.pictures import moments, svg
from peelian.technologies.faces.formats import identity as faces
from peelian.technologies.footage.disclosure import declared as recipients
from peelian.technologies.footage.formats import video as footage
from peelian.technologies.mapping.formats import description, generic, guesses, numbers, times
from peelian.technologies.risk.formats import layout as points
from peelian.technologies.risk.formats import layout as risk
from peelian.web import auth_middleware, pages
from peelian.web.identity import guards
from peelian.web.pages import language_for

LONG, SHORT, WORST = (
    100_000,
    4_000,
    size(12, 10_000),
)  # characters; how many of the short texts are tried at full length
LIMITS = sources.Limits()
MARKS = "\u0301\u0323\u0327"  # over and under a letter: to put them in order takes the square of their number
PUMPS = (
    *" a0-_.,;'\"@:\t\n\r\\/[]{}()%=&\u00a0\u202e\u0430²",
    *(
        "a b",
        "a.",
        "A a ",
        "1 ",
        "0,",
        "a@",
        "[[",
        "{a=",
        "a" + MARKS,
        '"a',
        '""',
        "a:b;",
        "en;q=0,",
        "::",
        "1.",
        "TR ",
    ),
)
CALLS: dict[str, Callable[[str], object]] = {
    "persons.are_names": lambda text: persons.are_names([text, "12 " + text, "a " + text, text[:-1]]),
    "persons.are_homes": lambda text: persons.are_homes([text, "12 " + text, "12, a " + text]),
    "legible.hidden": legible.hidden,
    "legible.mixed": legible.mixed,
    "legible.must_be_legible": lambda text: legible.must_be_legible(text, "name", one_script=True),
    "org_units.log_word": org_units.log_word,
    "org_units.same_unit": lambda text: org_units.same_unit(text, text[::-1]),
    "dialect.dialect": lambda text: dialect.dialect(text.encode(), "f", LIMITS),
    "dialect.bare_dialect": lambda text: dialect.bare_dialect(text.encode(), "f", LIMITS),
    "dialect.plain_name": dialect.plain_name,
    "json_reader": lambda text: json_reader._loaded(text, "f"),
    "sources.shown": sources.shown_name,
    "guesses.plain_words": guesses.plain_words,
    "description.description": description.description,
    "generic._clock": generic._clock,
    "numbers._number": numbers._number,
    "times.stamps": lambda text: times.stamps(np.array([text], dtype=object), order="mdy"),
    "footage.moment": lambda text: footage.moment(text, column="c"),
    "recipients.must_be_recipient": recipients.must_be_recipient,
    "faces._plain": faces._plain,
    "risk.refuse_identifying": lambda text: risk.refuse_identifying([text]),
    "points.point_table": points.point_table,
    "errors.fill": lambda text: errors.fill(text, {"a": 1}),
    "svg.text_width": svg.text_width,
    "pages.unbroken": pages.unbroken,
    "moments.moment": lambda text: moments.moment(text, "en"),
    "language_for": language_for,
    "guards.host_name": guards.host_name,
    "auth_middleware.local_address": lambda text: auth_middleware.local_address(text, "en"),
}
"""What a call raises on purpose (a ValueError, an InputError, a missing place of a message) is an answer."""


def texts(length: int) -> Iterator[tuple[str, str]]:
    """Hostile texts of so many characters by their names."""
    for start in ("", "a", "0"):
        for pump in PUMPS:
            for end in ("", "!"):
                yield f"{start!r} + {pump!r}… + {end!r}", start + pump * (length // len(pump)) + end


def slow_calls(seconds: int = 120) -> dict[str, str]:
    """Which functions take more than .1 CPU s, and on what; or fail with something that is no error of ours."""
    child = subprocess.run([sys.executable, __file__, str(seconds)], capture_output=True, text=True)
    assert child.returncode == 0, f"the child ended with {child.returncode} in {child.stderr[-500:]}"
    found: dict[str, str] = json.loads(child.stdout)
    return found


def _seconds(call: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    with contextlib.suppress(errors.PeelianError, KeyError):
        call(text)
    return time.process_time() - began


def _main() -> None:
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    found = {}
    for name, call in CALLS.items():
        taken = [_seconds(call, text) for _, text in texts(SHORT)]
        longs = list(texts(LONG))
        for worst in np.argsort(taken)[::-1][:WORST]:
            said, text = longs[worst]
            sys.stderr.write(f"{name} {said}\n")
            took = _seconds(call, text)
            if took > 0.1 and (took := min(took, *(_seconds(call, text) for _ in range(3)))) > 0.1:
                found[name] = f"{took:.2f} s on {said}"
                break
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    _main()
