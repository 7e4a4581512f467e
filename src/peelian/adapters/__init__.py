"""Answers to the kernel's ports: files, databases, brokers."""
