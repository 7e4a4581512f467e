"""Records: the office's own signed records, and the public register of sensors."""
