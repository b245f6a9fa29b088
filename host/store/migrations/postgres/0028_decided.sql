-- What was decided of shipments goes long after they were closed: found by its time.
CREATE INDEX exceptions_closed ON exceptions (closed_at) WHERE state = 'closed';
CREATE INDEX filings_changed ON filings (changed_at);
