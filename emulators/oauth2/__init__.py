"""Google's OAuth2 token endpoint, and what every Google API behind its access tokens has in common."""
