"""The platform's desk: the queue, the case before the arbiter, the rules, the books and the log."""
