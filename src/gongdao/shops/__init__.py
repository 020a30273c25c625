"""Shops, products, orders and shipments, and their import."""
