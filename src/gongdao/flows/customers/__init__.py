"""What a shop knows of its customers, what was promised to them, and what they may ask about it."""
