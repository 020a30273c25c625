"""Search: what people look for, and the messages in which it stands."""
