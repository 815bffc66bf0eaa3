"""OpenAI: chat completions with strict structured outputs, embeddings and models; answers are deterministic and can be scripted."""
