"""The gongdao command; thin."""
