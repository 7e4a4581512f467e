"""Openings that a key store says were used."""

from __future__ import annotations

from peelian.storage.vault_keys import VaultKeys


def alone(keys: VaultKeys) -> int:
    """How many openings were used that stood alone."""
    return sum(leaf < 0 for _, leaf in keys.openings())


def of_sets(keys: VaultKeys) -> int:
    """How many openings of sets were used."""
    return sum(leaf >= 0 for _, leaf in keys.openings())
