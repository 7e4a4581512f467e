"""The audit of a matcher, from scores or from a histogram of them: two capabilities, one report."""
