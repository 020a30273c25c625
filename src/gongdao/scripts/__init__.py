"""What may be said well: the library of scripts, bargaining, and the manners of outgoing text."""
