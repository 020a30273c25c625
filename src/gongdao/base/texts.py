"""What any text is that is kept: the database holds every character but NUL."""

#: A text without NUL, for the edge to refuse one with a sentence and not the database with a fault.
NO_NUL = r"^[^\x00]*$"
