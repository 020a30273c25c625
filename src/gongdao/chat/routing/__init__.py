"""Routing: who of a shop serves which conversation, who is there, who waits, and why."""
