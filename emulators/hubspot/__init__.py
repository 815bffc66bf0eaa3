"""HubSpot: CRM objects, associations, owners, forms and submissions, and the webhooks it sends, really signed."""
