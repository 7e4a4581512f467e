"""The sample size of a trial of a matcher."""
