"""Benchmarks: each prints JSON lines, every figure beside its limit or peer."""
