"""How many members fit into one array: measured, remembered, and halved where memory ends."""
