"""Values that staff may edit while the product runs: typed, versioned, in an append-only log."""
