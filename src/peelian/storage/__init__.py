"""Storage: log, archive, sealed objects, keys and records on disk and in memory."""
