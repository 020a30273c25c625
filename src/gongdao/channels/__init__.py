"""Other ways in and out of a conversation: the interface, and e-mail."""
