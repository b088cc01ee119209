"""Attacks on a pool, each a file: what a stranger, a client or a broken disk
could do, and that it does not happen. `make attack` runs all of them."""
