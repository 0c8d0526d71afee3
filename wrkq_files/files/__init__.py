"""Bytes to documents and back: frontmatter, byte-exact edits, ``wrkq.yaml``, the JSON Schemas."""
