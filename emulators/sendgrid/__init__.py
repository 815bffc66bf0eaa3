"""SendGrid: mail sending, suppressions, senders and domains; the events of every mail go out in signed batches."""
