"""The pages of a shop's team, below /shop/team."""
