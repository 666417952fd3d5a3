"""Recommendations for data sets without results of their own."""
