"""Who may come in: bearer tokens, of which only hashes are kept."""
