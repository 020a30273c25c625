"""Bytes in and out: content checks, hashes, thumbnails, object storage."""
