-- What changed since the guard's last round is found without reading everything.
CREATE INDEX order_log_in_time ON order_log USING brin (at);
CREATE INDEX cases_closed ON cases (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX reviews_newest ON reviews (at);
CREATE INDEX shops_not_open ON shops (id) WHERE status <> 'open';
