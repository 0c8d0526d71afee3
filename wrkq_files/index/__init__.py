"""The cache that answers queries: SQLite in the git directory, rebuilt from the files whenever that is simpler."""
