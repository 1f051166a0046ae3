"""The built-in rules, held against tables of thoughts."""
