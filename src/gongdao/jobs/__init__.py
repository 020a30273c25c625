"""What runs on a schedule or a queue; a job calls one function."""
