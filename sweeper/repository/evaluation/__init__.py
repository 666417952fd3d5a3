"""How good recommendations are on sources that were left out."""
