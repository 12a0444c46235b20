"""The pages, as people meet them."""
