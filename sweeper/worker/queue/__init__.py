"""The trials of a study as one worker takes them, hands them in and gives them back."""
