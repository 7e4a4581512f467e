"""Whole walks through the house for a first visitor: the demonstration, and a trial on somebody's own file."""
