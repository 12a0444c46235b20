"""What is true and what is allowed: facts, rules and decisions, without I/O, clock or framework."""
