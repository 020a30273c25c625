"""The bell, and the list of what somebody was told."""
