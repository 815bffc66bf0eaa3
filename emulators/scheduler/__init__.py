"""Cloud Scheduler's REST API and its firing of HTTP targets, by cron in each job's time zone on the suite's clock."""
