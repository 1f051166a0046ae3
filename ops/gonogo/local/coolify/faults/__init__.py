"""How the stand-in goes wrong: one table, a row for each fault, each with one line for people."""
