"""The API's door, and what is not of one feature: contracts, health, metrics, problems."""
