-- The audit log. Entries are written without a place, each in the transaction of what it tells of; whoever seals moves
-- them into the chain.

CREATE TABLE audit_unsealed (
    place   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      bigint NOT NULL,
    kind    text NOT NULL,
    actor   text NOT NULL,
    subject text NOT NULL,
    detail  text NOT NULL
);

CREATE TABLE audit (
    number   bigint NOT NULL PRIMARY KEY,
    -- The hash of the entry before; the last one's stands in the head.
    previous bytea NOT NULL,
    at       bigint NOT NULL,
    kind     text NOT NULL,
    actor    text NOT NULL,
    subject  text NOT NULL,
    detail   text NOT NULL
);

CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_kind ON audit (kind, number);
CREATE INDEX audit_actor ON audit (actor, number);
CREATE INDEX audit_subject ON audit (subject, number);

-- Nothing of the gateway's changes or removes an entry. This keeps accidents away; what keeps people away is the chain.
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the audit log are never changed or removed';
END;
$$;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

CREATE TABLE audit_head (
    one       bigint NOT NULL PRIMARY KEY CHECK (one = 1),
    number    bigint NOT NULL,
    hash      bytea NOT NULL,
    at        bigint NOT NULL,
    key       text NOT NULL,
    signature bytea NOT NULL
);

INSERT INTO audit_head (one, number, hash, at, key, signature)
    VALUES (1, 0, decode(repeat('00', 32), 'hex'), 0, '', '');
