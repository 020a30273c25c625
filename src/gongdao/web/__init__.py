"""Pages by audience, drawn on the server."""
