"""Integrations: policy engine, brokers, witnesses, city log-on, map files and other systems."""
