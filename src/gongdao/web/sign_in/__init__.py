"""Signing in and out, one's own account, and the staff of a house."""
