"""Trials on copies: pending migrations run on a restored copy, watched lock by lock, taken back, and lived with."""
