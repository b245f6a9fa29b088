-- What its partner calls the parts of the message that a delivery came of, such as a set of an interchange; nothing where it
-- came of the whole message.
ALTER TABLE deliveries ADD COLUMN parts TEXT;
