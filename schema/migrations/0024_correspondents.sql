-- To whom an address has written, for whoever says that it is theirs.

CREATE INDEX channel_correspondents_at ON channel_correspondents (channel, address);
