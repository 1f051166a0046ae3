"""The stand-ins for providers, held against what the providers document and show."""
