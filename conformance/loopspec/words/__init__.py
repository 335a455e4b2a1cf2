"""What the longer words of the vocabulary do: functions that know nothing of the stage, and that programs copy."""
