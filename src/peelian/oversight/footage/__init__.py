"""Recordings that the office keeps: the library, notes of reviewers, and who was given which package."""
