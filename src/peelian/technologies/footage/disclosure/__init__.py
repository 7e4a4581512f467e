"""The disclosure package for one recipient."""
