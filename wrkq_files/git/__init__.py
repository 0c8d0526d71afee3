"""Bytes, paths, refs, commits and locks. Nothing here knows what a task is."""
