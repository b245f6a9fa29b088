-- What was observed of shipments: how long something took, and whether that is good enough.
CREATE TABLE shipment_figures (
    shipment uuid NOT NULL REFERENCES shipments (id) ON DELETE CASCADE,
    figure   text NOT NULL,
    -- What tells it from others of the shipment.
    key      text NOT NULL,
    -- When it ended, in microseconds since 1970.
    at       bigint NOT NULL,
    partner  text NOT NULL,
    lane     text NOT NULL,
    seconds  bigint NOT NULL,
    is_good  bigint,
    PRIMARY KEY (shipment, figure, key)
);

CREATE INDEX shipment_figures_at ON shipment_figures (at);

-- When the first message of each sender came that documents were made of.
CREATE TABLE first_messages (
    sender text NOT NULL PRIMARY KEY,
    at     bigint NOT NULL
);

CREATE INDEX first_messages_at ON first_messages (at);
CREATE INDEX acts_at ON acts (at);
CREATE INDEX exception_acts_at ON exception_acts (at);
CREATE INDEX shipments_opened ON shipments (opened_at);
