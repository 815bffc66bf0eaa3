"""The built-in model and embedder: no account, no network, the same answer every time."""
