"""What if: past cases, judged again by another rule book."""
