"""Jobs as their owner sees them, and the canary that proves the whole way."""
