-- The two-person rule: what is accepted, what waits, and who approved it.
CREATE TABLE accepted (
    one       bigint NOT NULL PRIMARY KEY CHECK (one = 1),
    digest    bytea NOT NULL,
    -- Whether what is accepted asks for a second person.
    required  bigint NOT NULL,
    state     text NOT NULL,
    -- Who approved it, as JSON; nobody where it needed nobody.
    approvals text NOT NULL,
    at        bigint NOT NULL
);

-- What is measured by what is accepted; all of it goes when something else is accepted.
CREATE TABLE pending_changes (
    digest     bytea NOT NULL PRIMARY KEY,
    changes    text NOT NULL,
    first_seen bigint NOT NULL
);

CREATE TABLE approvals (
    digest   bytea NOT NULL REFERENCES pending_changes (digest) ON DELETE CASCADE,
    operator text NOT NULL,
    reason   text NOT NULL,
    at       bigint NOT NULL,
    PRIMARY KEY (digest, operator)
);
