"""crm_hygiene: what a run leaves in the CRM."""
