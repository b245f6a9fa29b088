-- Documents that are tied to more than a shipment can be made of, with the shipments that they would be of, or are of as they were.
CREATE TABLE left_out (
    shipment uuid NOT NULL REFERENCES shipments (id) ON DELETE CASCADE,
    thing    bigint NOT NULL REFERENCES things (number) ON DELETE CASCADE,
    PRIMARY KEY (shipment, thing)
);

CREATE INDEX left_out_thing ON left_out (thing);

-- They are looked at now and then whether they fit.
CREATE INDEX things_overfull ON things (number) WHERE overfull_since IS NOT NULL;
