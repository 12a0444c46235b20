"""The JSON side, as its clients meet it."""
