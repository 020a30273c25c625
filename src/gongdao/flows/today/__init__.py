"""What a team does today: every piece of work that the rooms know of, one line each."""
