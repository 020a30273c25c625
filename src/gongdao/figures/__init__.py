"""What a shop counts of itself: one function behind every number."""
