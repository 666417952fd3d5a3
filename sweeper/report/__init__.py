"""Tables, figures and progress reports."""
