"""Alembic's environment: it migrates over the connection it is given (`storage/migrate.py`)."""

from __future__ import annotations

from alembic import context

from peelian.storage.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
