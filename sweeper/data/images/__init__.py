"""Image files: decoding, conversion to one shape, and notes on what that changed."""
