"""trigger: from a hint to the submission behind it, as a job."""
