"""Gongdao: the place where an online shop or marketplace settles what went wrong."""
