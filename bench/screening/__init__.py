"""The matcher measured (`python -m bench.screening`), and trained on pairs that are no part of this project."""
