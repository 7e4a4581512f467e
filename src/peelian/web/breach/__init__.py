"""Access review and incidents: what is recorded, the steps that follow, secrets, and the public notice."""
