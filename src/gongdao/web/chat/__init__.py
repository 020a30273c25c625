"""The chat as buyers see it, and the socket that every screen of a conversation holds open."""
