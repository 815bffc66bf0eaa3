"""A mail server that takes mail over SMTP: STARTTLS with a certificate of its own, sign-in, and faults in every phase."""
