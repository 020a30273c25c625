"""Quality of what is said: promises and whether they are kept, conversations and how they score."""
