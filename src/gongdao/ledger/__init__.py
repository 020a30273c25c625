"""Accounts, transfers, holds and statements; double entry in integer fen."""
