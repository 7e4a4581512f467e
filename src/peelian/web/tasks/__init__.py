"""Tasks: acts of the office that need a few fields. Each is declared once; one page draws them all."""
