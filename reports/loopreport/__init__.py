"""Results of a run: the data model, and what it becomes."""
