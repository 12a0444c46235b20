"""The edge: wiring, HTTP, pages and the command line."""
