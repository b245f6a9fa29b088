-- The context of each shipment as it was put together last, apart from what changes with every document: SQLite writes a whole
-- row wherever one of its columns changes.
CREATE TABLE shipment_contexts (
    shipment BLOB NOT NULL PRIMARY KEY REFERENCES shipments (id) ON DELETE CASCADE,
    context  BLOB NOT NULL
) STRICT;

INSERT INTO shipment_contexts (shipment, context) SELECT id, context FROM shipments WHERE context IS NOT NULL;
ALTER TABLE shipments DROP COLUMN context;
