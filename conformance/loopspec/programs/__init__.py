"""Stand-alone programs: a case as one file that needs nothing but the loop under test."""
