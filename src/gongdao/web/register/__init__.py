"""Pages of a shop's complaint register, and the page on which a customer signs."""
