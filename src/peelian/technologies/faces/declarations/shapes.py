"""The shapes of datasets that audits read."""

from __future__ import annotations

SCORES, SUBJECTS, HISTOGRAM = "face_scores", "face_subjects", "face_histogram"
BOUNDS, REVIEWS = "face_bounds", "face_reviews"
CANDIDATES, MATES, PUBLISHED = "face_candidates", "face_mates", "face_published_rates"
ATTRIBUTES = ("sex", "age_band", "group")
