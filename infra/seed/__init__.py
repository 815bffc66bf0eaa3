"""A believable workspace for the suite: an operator with a mailbox, a portal, a Drive and a calendar, and three submissions to come."""
