"""Contact details in texts for the public: found in their usual shapes; days, case numbers and amounts pass."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.measure.contacts import contact_in, must_hold_no_contact

EMAIL, TELEPHONE = "e-mail address", "telephone number"


@pytest.mark.parametrize(
    "text",
    [
        "Contact John Smith at 416-555-0199",
        "Appelez le (416) 555-0199.",
        "(416)555-0199 ext. 4",
        "Call 416.555.0199x12",
        "416 555 0199",
        "416/555-0199",
        "Numéro\u00a0: 514\u00a0555\u20110199",
        "4165550199",
        "1-800-555-0199",
        "+1 416 555 0199",
        "+1 (416) 555-0199",
        "+33 6 12 34 56 78",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "020 7946 0958",
        "(02) 9123 4567",
        "09 123 4567",
        "+44 (0)20 7946 0958",
        "tel. 555-0199",
        "Tél.\u00a0: 5550199",
        "phone number 2024123456",
        "\uff14\uff11\uff16-\uff15\uff15\uff15-\uff10\uff11\uff19\uff19",
        "416\u200b-555-0199",
    ],
)
def test_telephone_numbers_are_found(text: str) -> None:
    assert contact_in(text) == TELEPHONE
    assert contact_in(f"Adopted on 2024-05-31. {text}, in the office.") == TELEPHONE


@pytest.mark.parametrize(
    "text",
    [
        "john.smith@town.example",
        "Écrivez à é.roy@ville.québec",
        "a_b @ mail.1and1.com",
        "j\uff20town.ca",
        "<a+b@x.org>",
    ],
)
def test_email_addresses_are_found(text: str) -> None:
    assert contact_in(text) == EMAIL


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Advice was changed: prevention first.",
        "In 2019-2023, 12 of 1,234,567 incidents (0.001 %) came @ 3.50 each.",
        "From 2024-01-02 to 2024-03-04, 10:30 to 23:59.",
        "05/06/2024 10 30 15 and 05-06-24 10-30",
        "Occurrence GO-2024-123456, 2024123456, 24-012345, 05-2024-0123, B1234567.",
        "Hausse de +3,2 %, de 1\u00a0234\u00a0567\u00a0890,12 $ à 2\u00a0000\u00a0000\u00a0000 $.",
        "1\u00a0034\u00a0567\u00a0890,00 $ ou 416\u00a0555\u00a0019 $",
        "$4165550199 or 4165550199 $",
        "550e8400-e29b-41d4-a716-446655440000 " + "4165550199" * 6 + "abcd",
        "Phone calls 2024-01-02: 1,234. Calls for service 2019-2023: 1,234,567.",
        "43.6532, -79.3832",
    ],
)
def test_what_only_looks_like_one_passes(text: str) -> None:
    assert contact_in(text) == ""


def _days() -> st.SearchStrategy[str]:
    shapes = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%m-%d-%y", "%d %B %Y", "%Y%m%d", "%Y-%m-%d %H:%M", "%B %Y")
    return st.builds(
        lambda day, shape: day.strftime(shape), st.dates(date(1990, 1, 1), date(2039, 12, 31)), st.sampled_from(shapes)
    )


def _case_numbers() -> st.SearchStrategy[str]:
    shapes = (
        "{y}-{n:06d}",
        "{y}{n:06d}",
        "GO-{y}-{n}",
        "GO# {y}-{n}",
        "{s:02d}-{n:05d}",
        "B{n:07d}",
        "{m:02d}-{y}-{n}",
    )
    return st.builds(
        lambda shape, y, m, n: shape.format(y=y, s=y % 100, m=m, n=n),
        st.sampled_from(shapes),
        st.integers(1990, 2039),
        st.integers(1, 12),
        st.integers(0, 999_999),
    )


def _amounts() -> st.SearchStrategy[str]:
    groups = st.lists(st.sampled_from([0, 1, 34, 100, 416, 555, 999]), min_size=1, max_size=4)
    whole = st.one_of(st.integers(0, 10**13), groups.map(lambda three: int("".join(f"{n:03d}" for n in three))))
    return st.one_of(
        whole.map(lambda n: f"${n:,}"),
        whole.map(lambda n: f"${n / 100:,.2f}"),
        whole.map(lambda n: f"{n:,}".replace(",", "\u00a0") + ",50\u00a0$"),
        st.integers(0, 10**9 - 1).map(str),
        st.floats(-100, 100).map(lambda x: f"{x:+.1f} %"),
    )


@given(
    st.lists(st.one_of(_days(), _case_numbers(), _amounts()), max_size=6), st.sampled_from([", ", " to ", " (", "\n"])
)
def test_days_case_numbers_and_amounts_pass(parts: list[str], between: str) -> None:
    assert contact_in(f"On {between.join(parts)}.") == ""


@given(
    st.from_regex(r"[2-9][0-9]{2}-[2-9][0-9]{2}-[0-9]{4}", fullmatch=True),
    st.sampled_from(["-", ".", " ", "\u00a0", "\u2011"]),
    st.lists(st.one_of(_days(), _amounts()), max_size=2),
)
def test_a_telephone_number_among_days_and_amounts_is_found(number: str, sign: str, parts: list[str]) -> None:
    text = ", ".join([*parts, number.replace("-", sign), *parts])
    assert contact_in(text) == TELEPHONE


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert contact_in(text) in ("", EMAIL, TELEPHONE)


@pytest.mark.parametrize(
    "unit",
    ["a@", "a@a.", "@", "4", "4-", "416-", "416-555-", "+1 ", "+", "0 ", "01-", "tel ", "(", "1.", "a" * 60 + "."],
)
def test_long_hostile_texts_take_linear_time(unit: str) -> None:
    def seconds(n: int) -> float:
        text = unit * (n // len(unit))
        begin = time.process_time()
        contact_in(text)
        return time.process_time() - begin

    assert seconds(200_000) < 3


def test_the_error_says_what_is_wrong_and_shows_nothing() -> None:
    with pytest.raises(InputError, match="telephone number") as raised:
        must_hold_no_contact("Contact John Smith at 416-555-0199")
    assert raised.value.accepted and "416" not in str(raised.value) and "Smith" not in str(raised.value)
    with pytest.raises(InputError, match="e-mail address"):
        must_hold_no_contact("j@town.example")
    must_hold_no_contact("Adopted for one year.")
