"""Bundles: branches that carry changes of the tracker, and that nobody has to check out to work on."""
