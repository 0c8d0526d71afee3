"""Merging documents: deciding, purely, what two sides have made of a common base."""
