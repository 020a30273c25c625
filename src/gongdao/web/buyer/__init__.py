"""The buyer's pages: orders, applying, and following a case."""
