"""The people of a shop at work: rota, hand-over book, memos, reports, commission, rules, fund."""
