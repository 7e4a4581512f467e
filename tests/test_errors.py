"""The error tree: each error has its own exit code and status, gives every reason, and shows no value."""

from __future__ import annotations

import pytest

from peelian import errors


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        (errors.Refused, 3, 403),
        (errors.Withheld, 4, 422),
        (errors.OutOfOrder, 2, 409),
        (errors.InputError, 2, 400),
        (errors.NotEnoughData, 2, 400),
        (errors.ColumnMissing, 2, 400),
        (errors.IntegrityError, 5, 503),
        (errors.DiskError, 6, 503),
        (errors.DiskFull, 6, 503),
        (errors.DiskReadOnly, 6, 503),
    ],
)
def test_codes_are_those_the_readme_promises(kind: type[errors.PeelianError], code: int, status: int) -> None:
    assert (kind.exit_code, kind.http_status) == (code, status)
    assert issubclass(kind, errors.PeelianError)


def test_bad_input_says_where_what_and_what_would_do() -> None:
    error = errors.InputError("no date", file="a.csv", row=1234, column="when", accepted="2026-01-31")
    assert str(error) == "a.csv, row 1,234, column when: no date. Expected: 2026-01-31"
    assert isinstance(error, ValueError)
    assert str(errors.InputError("empty")) == "empty"


@pytest.mark.parametrize("kind", [errors.Refused, errors.Withheld])
def test_a_refusal_carries_every_reason_with_its_remedy(kind: type[errors.Refused]) -> None:
    reasons = [errors.Reason(rule=f"r{n}", says=f"says {n}", remedy=f"remedy {n}") for n in range(3)]
    error = kind(reasons)
    assert error.reasons == tuple(reasons)
    assert all(reason.says in str(error) and reason.remedy in str(error) for reason in reasons)
