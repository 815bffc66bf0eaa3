"""SendGrid: mail handed over by HTTP, and what becomes of it told by signed events."""
