"""No business words: db, log, clock, ids, money, errors, config."""
