-- The parts that a message was taken in, such as the sets of an interchange, with the verdict of each; nothing where it was
-- taken as a whole.
ALTER TABLE exchanges ADD COLUMN parts TEXT;
