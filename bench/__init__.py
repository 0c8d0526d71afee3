"""Generated trackers, and what the commands cost on them, measured against floors taken in the same run."""
