"""Loads, validates and evaluates rule packs; pure."""
