"""A case as a file that anyone can check: what is in it, who sees what of it, and the proof."""
