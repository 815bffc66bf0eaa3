"""From a form, a table or a poll to one run a submission."""
