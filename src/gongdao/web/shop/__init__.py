"""The shop's desk: its inbox, its cases, its orders and its money."""
