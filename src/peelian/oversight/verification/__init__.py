"""Checks that anybody can repeat without the office: the log, its signatures, and a package."""
