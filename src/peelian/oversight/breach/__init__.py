"""The breach protocol: what was exposed, whom it concerns, whether it harms, who is told, by when, and what is kept."""
