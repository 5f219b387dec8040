"""Measures of the product at ten million order lines: `python -m benchmarks`, explained in README.md."""
