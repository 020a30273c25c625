"""The stories of the service desk: one file, one story."""
