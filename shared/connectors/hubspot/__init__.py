"""HubSpot: the CRM port over its API, the signatures of its webhooks, and what their bodies say."""
