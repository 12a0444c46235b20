"""The JSON side: one router per question, and one thin mapping from bodies to commands."""
