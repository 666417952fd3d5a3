"""What is searched: its dimensions, and the defaults."""
