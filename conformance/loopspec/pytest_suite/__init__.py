"""The suite as pytest tests; `loopspec.plugin` imports it only when pytest is asked for the suite."""
