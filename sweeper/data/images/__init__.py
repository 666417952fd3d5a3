"""Image files: found, decoded, brought to one shape, and what was noticed on the way."""
