"""The made-up year: the same each time, whole, and nothing that the domain would refuse."""
