"""``spoken-words``: spectrograms of words spoken by espeak-ng."""
