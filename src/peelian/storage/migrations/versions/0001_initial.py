"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, None, None


def text(name: str, *, absent: bool = False) -> sa.Column[str]:
    """Words in byte order."""
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=absent)


def number(name: str) -> sa.Column[int]:
    """A whole number; never counted up by the database."""
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=False, autoincrement=False)


def binary(name: str) -> sa.Column[bytes]:
    """Bytes."""
    return sa.Column(name, sa.LargeBinary, nullable=False)


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "answers", text("question"), text("answer"), sa.PrimaryKeyConstraint("question"), sqlite_strict=True
    )
    op.create_table(
        "cases",
        text("key"),
        text("capability"),
        text("purpose"),
        text("by"),
        text("unit"),
        text("state"),
        text("began"),
        text("changed"),
        text("choice"),
        text("rules"),
        number("first"),
        number("n"),
        number("refused"),
        number("ran"),
        number("decided"),
        number("published"),
        number("last"),
        binary("mac"),
        sa.PrimaryKeyConstraint("key"),
        sqlite_strict=True,
    )
    op.create_index("cases_first", "cases", ["first"])
    op.create_index("cases_published", "cases", ["published"])
    op.create_index("cases_state", "cases", ["state", "first"])
    op.create_table(
        "chains",
        text("key"),
        number("last"),
        number("n"),
        binary("mac"),
        sa.PrimaryKeyConstraint("key"),
        sqlite_strict=True,
    )
    op.create_table(
        "documents",
        text("digest"),
        text("partition"),
        binary("sealed"),
        sa.PrimaryKeyConstraint("digest", "partition"),
        sqlite_strict=True,
    )
    op.create_index("documents_partition", "documents", ["partition"])
    op.create_table(
        "entries",
        number("idx"),
        text("kind"),
        text("topic"),
        number("previous"),
        text("document", absent=True),
        text("of_case", absent=True),
        text("before", absent=True),
        text("dataset", absent=True),
        text("object", absent=True),
        text("warrant", absent=True),
        text("session", absent=True),
        text("said", absent=True),
        binary("spelling"),
        binary("mac"),
        sa.PrimaryKeyConstraint("idx"),
        sqlite_strict=True,
    )
    op.create_index("entries_before", "entries", ["before", "idx"])
    op.create_index("entries_dataset", "entries", ["dataset", "idx"])
    op.create_index("entries_document", "entries", ["document", "idx"])
    op.create_index("entries_kind", "entries", ["kind", "idx"])
    op.create_index("entries_object", "entries", ["object", "idx"])
    op.create_index("entries_of_case", "entries", ["of_case", "idx"])
    op.create_index("entries_said", "entries", ["said", "idx"])
    op.create_index("entries_session", "entries", ["session", "idx"])
    op.create_index("entries_topic", "entries", ["topic", "idx"])
    op.create_index("entries_warrant", "entries", ["warrant", "idx"])
    op.create_table(
        "head",
        text("key"),
        number("size"),
        text("began"),
        text("latest"),
        text("furthest"),
        text("chains"),
        text("counts"),
        binary("mac"),
        sa.PrimaryKeyConstraint("key"),
        sqlite_strict=True,
    )
    op.create_table(
        "intakes",
        text("key"),
        text("status"),
        number("begun"),
        number("last"),
        binary("mac"),
        sa.PrimaryKeyConstraint("key"),
        sqlite_strict=True,
    )
    op.create_index("intakes_status", "intakes", ["status"])
    op.create_table(
        "names", text("digest"), text("person"), binary("sealed"), sa.PrimaryKeyConstraint("digest"), sqlite_strict=True
    )
    op.create_index("names_person", "names", ["person"])
    op.create_table(
        "nodes",
        number("level"),
        number("number"),
        binary("hash"),
        sa.PrimaryKeyConstraint("level", "number"),
        sqlite_strict=True,
    )
    op.create_table("notes", text("name"), binary("note"), sa.PrimaryKeyConstraint("name"), sqlite_strict=True)
    op.create_table(
        "proofs",
        text("key"),
        text("at"),
        number("counter"),
        number("last"),
        binary("mac"),
        sa.PrimaryKeyConstraint("key"),
        sqlite_strict=True,
    )
    op.create_table(
        "refusals",
        text("key"),
        number("n"),
        number("last"),
        binary("mac"),
        sa.PrimaryKeyConstraint("key"),
        sqlite_strict=True,
    )
    op.create_table(
        "sessions",
        text("key"),
        text("person"),
        text("how"),
        text("status"),
        text("at"),
        number("last"),
        binary("mac"),
        sa.PrimaryKeyConstraint("key"),
        sqlite_strict=True,
    )
    op.create_index("sessions_status", "sessions", ["status"])
    op.create_table(
        "tickets",
        text("kind"),
        text("key"),
        text("body"),
        text("at"),
        sa.PrimaryKeyConstraint("kind", "key"),
        sqlite_strict=True,
    )
    op.create_index("tickets_at", "tickets", ["kind", "at"])
    op.create_table("turn", text("name"), sa.PrimaryKeyConstraint("name"), sqlite_strict=True)
    op.create_table(
        "uses",
        text("key"),
        number("asked"),
        number("refused"),
        number("refusals"),
        number("decided"),
        number("published"),
        text("began"),
        number("last"),
        binary("mac"),
        sa.PrimaryKeyConstraint("key"),
        sqlite_strict=True,
    )
    op.create_table(
        "warrants",
        text("key"),
        number("used"),
        number("collected"),
        number("last"),
        binary("mac"),
        sa.PrimaryKeyConstraint("key"),
        sqlite_strict=True,
    )
    op.create_table(
        "years",
        text("key"),
        number("asked"),
        number("refused"),
        number("run"),
        number("decided"),
        number("adopted"),
        number("published"),
        number("last"),
        binary("mac"),
        sa.PrimaryKeyConstraint("key"),
        sqlite_strict=True,
    )
    op.execute("INSERT INTO turn VALUES ('act')")
