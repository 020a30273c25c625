"""Case states in the words of other marketplaces and payment providers, as data, both ways."""
