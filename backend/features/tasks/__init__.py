"""Tasks as their owner sees and changes them."""
