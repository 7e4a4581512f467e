"""The arithmetic of mapping that must be fast: plain functions over arrays, each compiled on first use."""
