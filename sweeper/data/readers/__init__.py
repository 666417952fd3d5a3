"""Readers of users' data: image folders, CSV files, .npz files, arrays in memory."""
