"""Who reaches what the guard says to buyers, agents and arbiters: the police kit is everybody's."""

KIT_ROUTES = "GET /help/scam, GET /help/scam/letter"
