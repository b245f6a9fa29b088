-- The context of each shipment as it was put together last, apart from what changes with every document.
CREATE TABLE shipment_contexts (
    shipment uuid NOT NULL PRIMARY KEY REFERENCES shipments (id) ON DELETE CASCADE,
    context  bytea NOT NULL
);

INSERT INTO shipment_contexts (shipment, context) SELECT id, context FROM shipments WHERE context IS NOT NULL;
ALTER TABLE shipments DROP COLUMN context;
