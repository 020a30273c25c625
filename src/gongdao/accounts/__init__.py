"""People, sub-accounts, roles, sessions and tokens."""
