"""The models a forecast may use, by name."""
