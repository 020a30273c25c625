"""The guard: signs of scams, brushing and abuse, what was found, and what people say of it."""
