"""Extracting, planning and answering: by a language model, or by built-in rules."""
