"""The vault: chunk cipher, key wrapping, and the name under which an object is sealed."""
