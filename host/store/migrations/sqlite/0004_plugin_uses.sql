-- What each component of a plugin used, as each gateway saw it on each day.
CREATE TABLE plugin_uses (
    plugin  TEXT NOT NULL,
    sha256  BLOB NOT NULL,
    day     INTEGER NOT NULL,
    gateway BLOB NOT NULL,
    record  TEXT NOT NULL,
    PRIMARY KEY (plugin, sha256, day, gateway)
) STRICT, WITHOUT ROWID;

CREATE INDEX plugin_uses_day ON plugin_uses (day);
