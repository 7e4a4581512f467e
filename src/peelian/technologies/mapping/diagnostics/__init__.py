"""Is there anything to map? Tests of nearness in space and time, before any forecast."""
