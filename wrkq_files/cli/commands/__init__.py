"""One function a command; a module is imported when one of its commands runs."""
