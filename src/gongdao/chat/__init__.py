"""Conversations: who talks with whom, every message, who serves, and who waits."""
