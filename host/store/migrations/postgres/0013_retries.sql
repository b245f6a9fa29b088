-- Whose fault it is that a delivery is tried again; `class` says whose fault it is that it is dead.
ALTER TABLE deliveries ADD COLUMN retry_class TEXT CHECK (retry_class IN ('ours', 'theirs'));
