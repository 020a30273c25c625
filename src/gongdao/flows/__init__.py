"""Stories that cross capabilities; one file, one story."""
