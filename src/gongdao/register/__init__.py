"""The shop's own complaint register: from a customer's call to what was learned from it."""
