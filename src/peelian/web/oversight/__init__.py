"""What the board, the council and privacy officers do: authorize, suspend, look at compliance, sign a week."""
