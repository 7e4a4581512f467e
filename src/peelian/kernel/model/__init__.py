"""Nouns of the kernel: capabilities, documents, people, sensors, alarms, vocabulary, and the ports."""
