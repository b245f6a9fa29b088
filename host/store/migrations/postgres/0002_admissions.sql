-- The highest version of each plugin that was ever admitted; it never goes down.
CREATE TABLE admissions (
    plugin         text NOT NULL PRIMARY KEY,
    version        text NOT NULL,
    content_sha256 bytea NOT NULL,
    admitted_at    bigint NOT NULL
);
