"""The plan of a field trial of a live deployment."""
