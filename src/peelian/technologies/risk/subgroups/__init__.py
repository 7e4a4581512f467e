"""The search for subgroups that a score promises too much or too little."""
