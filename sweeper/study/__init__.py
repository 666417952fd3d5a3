"""Studies: their files, what they search, their data, and how they are created and found."""
