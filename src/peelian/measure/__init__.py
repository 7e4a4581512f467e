"""Plain measurement: it knows no law and does no input or output."""
