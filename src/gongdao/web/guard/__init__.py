"""What buyer, agent and arbiter see of the guard: warnings, marks, and the police kit."""
