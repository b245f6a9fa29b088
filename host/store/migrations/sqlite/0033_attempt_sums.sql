-- What attempts at deliveries come to, by quarter of an hour and partner, so that figures of any time add up few rows. Tests are left out.
CREATE TABLE attempt_sums (
    -- Quarters of an hour since 1970, by when attempts began.
    quarter INTEGER NOT NULL,
    partner TEXT NOT NULL,
    -- Several share what is of one quarter and partner, so that settlements do not wait for each other.
    share   INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    good    INTEGER NOT NULL,
    -- How long all of them took, and the longest, in microseconds.
    total   INTEGER NOT NULL,
    longest INTEGER NOT NULL,
    PRIMARY KEY (quarter, partner, share)
) STRICT, WITHOUT ROWID;

INSERT INTO attempt_sums (quarter, partner, share, count, good, total, longest)
SELECT started_at / 900000000, destination, 0, count(*),
       CAST(sum(CASE WHEN verdict IN ('accepted', 'pending') THEN 1 ELSE 0 END) AS bigint),
       CAST(sum(ended_at - started_at) AS bigint), max(ended_at - started_at)
FROM attempts JOIN deliveries ON deliveries.id = attempts.delivery
JOIN exchanges ON exchanges.id = deliveries.exchange AND exchanges.partner NOT LIKE '%/test'
GROUP BY 1, 2;
