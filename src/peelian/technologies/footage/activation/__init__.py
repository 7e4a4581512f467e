"""Whether cameras were on: the audit of activation."""
