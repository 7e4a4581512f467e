"""Migrations of the office's database, by Alembic: each release's schema from the one before."""
