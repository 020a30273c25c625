"""What a shop knows of its customers, and who looked at it."""
