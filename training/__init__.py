"""What makes the files that are shipped out of data that may be shipped."""
