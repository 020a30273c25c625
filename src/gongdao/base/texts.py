"""What any text is that is kept: the database holds every character but NUL."""

import re

#: A text without NUL, for the edge to refuse one with a sentence and not the database with a fault.
NO_NUL = r"^[^\x00]*$"
#: A character in a file that no text has; tabs and ends of lines it may have.
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
