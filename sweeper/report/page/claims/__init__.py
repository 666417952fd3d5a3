"""What the sources of the built-in experiments claim, judged by rule."""
