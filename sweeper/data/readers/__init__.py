"""Readers of people's own data: a folder, a CSV, an .npz, arrays in memory."""
