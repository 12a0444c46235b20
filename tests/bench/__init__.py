"""The benchmarks still run, and say what they measured."""
