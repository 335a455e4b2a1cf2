"""What the commands do. They are imported when they are called, so that `loopspec --help` answers at once."""
