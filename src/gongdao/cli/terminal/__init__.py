"""What commands show in a terminal, and in which language."""
