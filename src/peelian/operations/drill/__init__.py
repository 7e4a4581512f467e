"""The breach drill: a town is cloned and harmed, the protocol run and timed."""
