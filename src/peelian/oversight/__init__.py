"""What the board and the public hold in their hands."""
