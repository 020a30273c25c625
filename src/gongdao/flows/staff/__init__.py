"""What the people of a shop do about their work, beside orders, conversations and cases."""
