"""What comes of each action on an entry, by what it is about."""
