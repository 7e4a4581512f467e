"""The registrar's own judgement: what it checks before it signs an entry or a document."""
