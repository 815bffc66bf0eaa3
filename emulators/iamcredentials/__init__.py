"""Google's IAM Service Account Credentials API: whoever may, has a service account sign without ever seeing its key."""
