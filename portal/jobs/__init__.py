"""Background work: each module holds the jobs of one area; `app.py` says how a job is made, `worker.py` runs them."""
