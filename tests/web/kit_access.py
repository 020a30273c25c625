"""Who reaches what the guard says to buyers, agents and arbiters: the police kit is everybody's."""

KIT_ROUTES = "GET /help/scam, GET /help/scam/letter"
#: The buyer confirms receipt.
RECEIPT_ROUTES = "GET /orders/{order_id}/receipt, POST /orders/{order_id}/receipt"
#: Of a finding that is not there, for whoever it may be told to.
MARK_ROUTES = "POST /guard/findings/{finding_id}/mark"
