"""long_memory: earlier mails that bear on what is asked now."""
