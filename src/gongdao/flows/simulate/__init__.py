"""A year of a marketplace on simulated time, with every law checked after every step. Pure."""
