"""One function per request; the only room that writes."""
