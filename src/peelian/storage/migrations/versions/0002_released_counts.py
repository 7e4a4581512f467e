"""Released counts of sensors, and the views that other programs read them by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None

VIEWS = {
    "sqlite": (
        "CREATE VIEW released_windows AS SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS time, "
        "name, area, sensor, kind, value, gap FROM released WHERE part >= 0",
        "CREATE VIEW released_days AS SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS time, "
        "name, area, sensor, kind, value, gap FROM released WHERE part = -1",
    ),
    "postgresql": (
        "CREATE VIEW released_windows AS SELECT to_timestamp(at) AS time, "
        "name, area, sensor, kind, value, gap FROM released WHERE part >= 0",
        "CREATE VIEW released_days AS SELECT to_timestamp(at) AS time, "
        "name, area, sensor, kind, value, gap FROM released WHERE part = -1",
    ),
}


def upgrade() -> None:
    """Make the table and both views."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "released",
        *(sa.Column(name, text, nullable=False) for name in ("sensor", "day")),
        *(sa.Column(name, number, nullable=False, autoincrement=False) for name in ("part", "at")),
        *(sa.Column(name, text, nullable=False) for name in ("name", "area", "kind")),
        sa.Column("value", number, nullable=True),
        sa.Column("gap", number, nullable=False),
        sa.PrimaryKeyConstraint("sensor", "day", "part"),
        sqlite_strict=True,
    )
    op.create_index("released_at", "released", ["at"])
    for statement in VIEWS[op.get_bind().dialect.name]:
        op.execute(statement)
