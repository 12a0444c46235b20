"""What the views answer, row by row."""
