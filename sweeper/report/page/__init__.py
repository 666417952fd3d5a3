"""Studies as a folder: one HTML page, and its tables, figures' data and study files beside it."""
