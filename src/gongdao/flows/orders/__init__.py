"""The shop's day around its orders: what is asked, called, added, merged, told and counted."""
