"""Procedures, stages, clocks, evidence, offers and rulings; decisions are pure."""
