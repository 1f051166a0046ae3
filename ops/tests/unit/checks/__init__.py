"""One file per check: what it blocks, and what it says otherwise."""
