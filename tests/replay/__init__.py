"""Differences, and the replay of a year, on both databases."""
