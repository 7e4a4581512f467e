"""Who comes in and how: hosts, connections, log-on, keys, tokens, and how often somebody may try."""
