"""identity_resolver: from an e-mail address to the contact, the company and the deals."""
