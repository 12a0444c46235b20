"""The input format, its five documents, and importing."""
