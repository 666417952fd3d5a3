"""The best of a search trained again, the test split read once, and the winner exported."""
