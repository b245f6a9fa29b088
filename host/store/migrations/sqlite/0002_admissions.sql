-- The highest version of each plugin that was ever admitted; it never goes down.
CREATE TABLE admissions (
    plugin         TEXT NOT NULL PRIMARY KEY,
    version        TEXT NOT NULL,
    content_sha256 BLOB NOT NULL,
    admitted_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
