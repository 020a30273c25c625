-- A link that was used says so: found by its hash among the events.
CREATE UNIQUE INDEX register_links_made ON register_events ((body ->> 'sha256'))
    WHERE type = 'link_made';
