"""What people are told about their cases, and what of it they have read."""
