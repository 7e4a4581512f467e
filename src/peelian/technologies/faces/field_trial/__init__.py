"""The score of a field trial of a live deployment."""
