"""The kernel: five verbs over signed documents, a log that outsiders verify, and the safeguards that none can skip."""
