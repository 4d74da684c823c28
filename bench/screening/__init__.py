"""Training of the matcher on labelled pairs that are no part of this project: `python -m bench.screening.train`."""
