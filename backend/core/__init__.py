"""What knows nothing of the product: settings, logs, errors, the clock."""
