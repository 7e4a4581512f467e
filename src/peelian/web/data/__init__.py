"""Data of the office: files looked at and imported, labels and vocabularies."""
