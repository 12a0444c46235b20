"""The store: one contract, every database, and the library's own cases."""
