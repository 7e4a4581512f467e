"""What laws and guides ask of a town, and for each of it: pass, fail, or what a person must produce."""
