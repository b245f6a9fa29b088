-- The control numbers that were used last, of each agreement with a partner.
CREATE TABLE control_numbers (
    partner      text NOT NULL,
    agreement    text NOT NULL,
    interchange  bigint NOT NULL,
    functional_group bigint NOT NULL,
    message      bigint NOT NULL,
    PRIMARY KEY (partner, agreement)
);

-- The number of the last interchange that came under an agreement.
CREATE TABLE received_numbers (
    partner     text NOT NULL,
    agreement   text NOT NULL,
    interchange bigint NOT NULL,
    PRIMARY KEY (partner, agreement)
);

-- The control numbers that a delivery was written under; its partner names them when it acknowledges.
CREATE TABLE sent_numbers (
    delivery         uuid NOT NULL PRIMARY KEY REFERENCES deliveries (id) ON DELETE CASCADE,
    partner          text NOT NULL,
    agreement        text NOT NULL,
    interchange      bigint NOT NULL,
    functional_group bigint NOT NULL,
    first_message    bigint NOT NULL,
    messages         bigint NOT NULL,
    -- What the first group and set are, and when the interchange was made, as acknowledgements repeat it.
    functional_id    text NOT NULL,
    message_type     text NOT NULL,
    made             text NOT NULL
);

CREATE INDEX sent_numbers_interchange ON sent_numbers (partner, interchange);
CREATE INDEX sent_numbers_group ON sent_numbers (partner, functional_group);
CREATE INDEX sent_numbers_message ON sent_numbers (partner, first_message);

-- What the partner makes of a delivery that it has: nothing where no acknowledgement was agreed. A delivery in the state
-- `delivered` that is `awaited` or `overdue` is called sent or overdue.
ALTER TABLE deliveries ADD COLUMN acknowledgement text CHECK (acknowledgement IN
    ('awaited', 'overdue', 'accepted', 'accepted-with-errors', 'partly-accepted', 'rejected'));
-- By when it is to come.
ALTER TABLE deliveries ADD COLUMN acknowledge_by bigint;
-- The exchange that it came in.
ALTER TABLE deliveries ADD COLUMN acknowledged_in uuid;

CREATE INDEX deliveries_unacknowledged ON deliveries (acknowledge_by) WHERE acknowledgement IN ('awaited', 'overdue');
