"""File formats of faces, and what reads them."""
