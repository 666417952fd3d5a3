"""Tables, figures and progress: what people read."""
