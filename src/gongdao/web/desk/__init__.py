"""The agent's window, and the pages of whoever leads the desk."""
