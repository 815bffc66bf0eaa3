"""In-process servers that speak the wire protocols of Google's services and of the vendors; nothing here imports shared."""
