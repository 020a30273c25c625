"""What carriers say of parcels."""
