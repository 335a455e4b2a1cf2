"""Isolation: worker processes that play cases, and the keeper's side of them, whatever a loop does to its process."""
