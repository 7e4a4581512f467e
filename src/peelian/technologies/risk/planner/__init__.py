"""The sample size that an audit needs."""
