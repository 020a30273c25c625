"""Stories of reviews: written, sorted by cause, followed up, answered, proved, brought in."""
