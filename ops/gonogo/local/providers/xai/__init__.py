"""A stand-in for xAI: Responses and Chat Completions, answered from the request alone, and how answers go wrong."""
