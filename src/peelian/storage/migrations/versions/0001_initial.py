"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, None, None


def texts(names: str, *, absent: bool = False) -> list[sa.Column[str]]:
    """Words in byte order."""
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return [sa.Column(name, kind, nullable=absent) for name in names.split()]


def numbers(names: str) -> list[sa.Column[int]]:
    """Whole numbers; never counted up by the database."""
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return [sa.Column(name, kind, nullable=False, autoincrement=False) for name in names.split()]


def binary(name: str) -> sa.Column[bytes]:
    """Bytes."""
    return sa.Column(name, sa.LargeBinary, nullable=False)


def table(name: str, *columns: sa.Column[str] | sa.Column[int] | sa.Column[bytes], key: str = "key") -> None:
    """Make a table; `key`: the columns of its primary key."""
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key.split()), sqlite_strict=True)


def upgrade() -> None:
    """Make every table."""
    table("answers", *texts("question answer"), key="question")
    table(
        "cases",
        *texts("key capability purpose by unit state began changed choice rules"),
        *numbers("first n refused ran decided published last"),
        binary("mac"),
    )
    searched = ["capability", "unit", "state", "choice", "began", "key"]
    op.create_index("cases_first", "cases", ["first", *searched, "published"])
    op.create_index("cases_published", "cases", ["published", *searched])
    op.create_index("cases_state", "cases", ["state", "first"])
    table("chains", *texts("key"), *numbers("last n"), binary("mac"))
    table("documents", *texts("digest partition"), binary("sealed"), key="digest partition")
    op.create_index("documents_partition", "documents", ["partition"])
    table(
        "entries",
        *numbers("idx"),
        *texts("kind topic"),
        *numbers("previous"),
        *texts("document of_case before dataset object warrant session said", absent=True),
        binary("spelling"),
        binary("mac"),
        key="idx",
    )
    for name in ("before", "dataset", "document", "kind", "object", "of_case", "said", "session", "topic", "warrant"):
        op.create_index(f"entries_{name}", "entries", [name, "idx"])
    table("head", *texts("key"), *numbers("size"), *texts("began latest furthest chains counts"), binary("mac"))
    table("intakes", *texts("key status"), *numbers("begun last"), binary("mac"))
    op.create_index("intakes_status", "intakes", ["status"])
    table("names", *texts("digest person"), binary("sealed"), key="digest")
    op.create_index("names_person", "names", ["person"])
    table("nodes", *numbers("level number"), binary("hash"), key="level number")
    table("notes", *texts("name"), binary("note"), key="name")
    table("proofs", *texts("key at"), *numbers("counter last"), binary("mac"))
    table("refusals", *texts("key"), *numbers("n last"), binary("mac"))
    table("sessions", *texts("key person how status at"), *numbers("last"), binary("mac"))
    op.create_index("sessions_status", "sessions", ["status"])
    table("tallies", *texts("key"), *numbers("n last"), binary("mac"))
    table("tickets", *texts("kind key body at"), key="kind key")
    op.create_index("tickets_at", "tickets", ["kind", "at"])
    table("turn", *texts("name"), key="name")
    table(
        "uses",
        *texts("key"),
        *numbers("asked refused refusals decided published"),
        *texts("began"),
        *numbers("last"),
        binary("mac"),
    )
    table("warrants", *texts("key"), *numbers("used collected last"), binary("mac"))
    table("years", *texts("key"), *numbers("asked refused run decided adopted published last"), binary("mac"))
    op.execute("INSERT INTO turn VALUES ('act')")
