"""What is measured, and against which limit: each page beside a bare Flask route of the same size in the same run."""
