"""A task tracker that is a directory of Markdown files in a git repository."""

__version__ = "0.1.0"

#: The version of the tracker's file format (``format:`` in ``wrkq.yaml``).
FORMAT = 1
#: The version of the JSON that commands print; it changes when a name goes or changes its meaning.
MACHINE_INTERFACE_VERSION = 1
