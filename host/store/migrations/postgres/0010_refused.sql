-- What was refused is kept as an exchange that nobody acknowledged: its state stands where that of parked ones does, so
-- which states there are is the program's affair.
ALTER TABLE parked DROP CONSTRAINT parked_state_check;

-- Why each was refused, and what it takes of its partner's budget of that day (days since 1970 in UTC).
CREATE TABLE refusals (
    exchange uuid NOT NULL PRIMARY KEY REFERENCES exchanges (id) ON DELETE CASCADE,
    partner  text NOT NULL,
    day      bigint NOT NULL,
    bytes    bigint NOT NULL,
    status   bigint NOT NULL,
    problem  text NOT NULL,
    detail   text NOT NULL
);

CREATE INDEX refusals_of_a_day ON refusals (partner, day, exchange);
CREATE INDEX refusals_days ON refusals (day, exchange);

-- What a partner has used of a day's budget.
CREATE TABLE refused_days (
    partner text NOT NULL,
    day     bigint NOT NULL,
    bytes   bigint NOT NULL,
    PRIMARY KEY (partner, day)
);
