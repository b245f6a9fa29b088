-- Exceptions of documents that wait for a shipment: whether they still do is looked at every second.
CREATE INDEX exceptions_waiting ON exceptions (thing) WHERE state = 'open' AND thing IS NOT NULL;
