"""Tests of clustering in space and time, to run before any forecast."""
