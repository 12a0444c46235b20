"""One file per question: its table, how facts change it, and its queries."""
