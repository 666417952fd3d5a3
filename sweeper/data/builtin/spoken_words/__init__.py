"""``spoken-words``: spectrograms of words that espeak-ng speaks."""
