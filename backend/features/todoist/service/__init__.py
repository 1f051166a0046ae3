"""How a sync and a reconcile go, and what may be asked about them."""
