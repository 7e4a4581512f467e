"""The kernel: cases, papers, policy, log and vault."""
