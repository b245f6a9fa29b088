-- What is told of a document is its body, which is kept once: such an event names the document and has no data of its
-- own (an empty text). Events from before have theirs.
ALTER TABLE events ADD COLUMN exchange BLOB;
ALTER TABLE events ADD COLUMN position INTEGER;
