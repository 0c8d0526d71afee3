"""Pure knowledge of what a tracker is: no disk, clock, environment or randomness."""
