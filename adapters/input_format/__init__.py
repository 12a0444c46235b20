"""The input format: what a person writes by hand, read with the place of every mistake."""
