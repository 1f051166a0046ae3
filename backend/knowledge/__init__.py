"""What a twin knows: the rows that several features read and write."""
