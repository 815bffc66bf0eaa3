"""Cloud Storage's JSON API as far as a vault needs it: buckets with a retention policy, and objects that are inserted, read and listed."""
