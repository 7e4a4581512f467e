"""The audit of overrides: decisions that depart from the score."""
