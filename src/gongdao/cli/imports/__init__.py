"""What `gongdao import` brings in beside orders and tracking."""
