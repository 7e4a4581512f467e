"""Pictures and page panels as pure functions: numbers in, SVG, PNG bytes and tables out."""
