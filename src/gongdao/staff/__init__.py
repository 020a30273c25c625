"""The people of a shop at work: shifts, hand-over, commission, house rules, the fund."""
