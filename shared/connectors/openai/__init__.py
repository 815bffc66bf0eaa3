"""OpenAI as the Model and Embedder ports."""
