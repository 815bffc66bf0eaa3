"""From a run to a judged draft in the operator's Gmail and an entry in the CRM."""
