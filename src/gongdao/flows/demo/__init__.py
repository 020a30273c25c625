"""A small believable marketplace, played through the same flows as live on instants of the past."""
