"""What an attacker varies: who is named and how it is written. For the properties of tests/limits."""

from __future__ import annotations

import unicodedata
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

UNSEEN = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u061c\u200f\u202e\u2066\ufe0f\u180e\u3164\u115f\u2800\U000e0041\x00\x7f"
)
"""Characters that draw nothing or turn the reading direction."""
LOOK_ALIKE = str.maketrans("aceiopxyABCEHKMOPTXY", "асеіорхуАВСЕНКМОРТХУ")
WIDE = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in map(chr, range(0x21, 0x7F))})
ARABIC = str.maketrans("0123456789", "".join(chr(0x660 + n) for n in range(10)))


def attempts(n: int) -> settings:
    """So many attempts, the same ones at every run."""
    off = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=n, derandomize=True, deadline=None, suppress_health_check=off)


def dressed(number: int) -> st.SearchStrategy[str]:
    """A number of a badge, a house or a telephone, in the forms that bands, dates, codes and cells have."""
    n = str(number)
    one, two = sorted((n[: len(n) // 2], n[len(n) // 2 :]), key=int)
    wide, other = n.translate(WIDE), n.translate(ARABIC)
    forms = (n, f"#{n}", f"PC {n}", f"{n}+", f"<{n}", f">= {n}", f"over {n}", f"moins de {n}", f"{n[:-2]}.{n[-2:]}")
    forms += (f"{two}-{one}", f"{two}:{one}", f"{two} – {one}", wide, other, " ".join(n), f"{n}e0", f"1:{one}:{two}")
    forms += (f"{n} Elm Street", f"{n}, rue Principale", f"unit {n}", f"officer-{n}", f"{n[:2]}:{n}:{n}")
    return st.sampled_from(forms)


numbers = st.integers(101, 999_999).filter(lambda n: len(str(n).strip("0")) > 2).flatmap(dressed)
names = st.sampled_from(
    (
        "Jean Tremblay", "Zqwv Tremblaix", "TREMBLAY", "van der Berg", "Nguyễn Thị Mai", "Ольга Петрова", "李雷",
        "محمد علي", "ᐊᓇᓇᐅᓯᖅ", "the Smiths", "home of suspect", "zqwv@town.invalid", "43.651200;-79.383200",
        "1987-04-11", "416-555-0199", "+1 (416) 555 0199", "ABKZ 471", "white Zqwv", "male Tremblay 25-34", "=Zqwv",
    )
)  # fmt: skip
persons = st.one_of(names, numbers)
"""Labels that name a person, a home, a telephone or a vehicle. None is a word of a public classification."""


@st.composite
def disguises(draw: Any, label: str) -> str:
    """Another way to write a label, which some reader or program may take for the same."""
    at, how = draw(st.integers(0, len(label))), draw(st.integers(0, 6))
    before, after = label[:at], label[at:]
    made = (
        before + draw(st.sampled_from(UNSEEN)) + after,
        unicodedata.normalize("NFC", before + draw(st.sampled_from("\u0301\u0323\u0308\u0327")) + after),
        draw(st.sampled_from((label.upper(), label.lower(), label.swapcase(), label.translate(WIDE)))),
        label.translate(LOOK_ALIKE) if at % 2 else before + after[:1].translate(LOOK_ALIKE) + after[1:],
        label + draw(st.text(" .-_'’·!,", min_size=1, max_size=4)),
        draw(st.text(" .-·\u00a0\u2003", min_size=1, max_size=3)) + label,
        "\u202e" + label[::-1] + "\u202c",
    )[how]
    return made if made != label else label + "."


def not_seen(text: str) -> bool:
    """Whether one of the characters that draw nothing is in a text."""
    return bool(set(text) & {*UNSEEN, "\u202c"})


def letters(text: str) -> str:
    """The letters of a text without case and accents, also of wide ones."""
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalpha())
