"""Retention: schedules, holds, and the daily job that destroys what is due."""
