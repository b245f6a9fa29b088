-- The number of the part that a document is of, from 0; nothing where it is of the whole message, or counts no more.
ALTER TABLE documents ADD COLUMN part INTEGER;

-- Until now documents stood in the order of their parts, and these say how many they have.
UPDATE documents SET part = of_part.number FROM (
    SELECT exchanges.id AS exchange, part.key AS number, CAST(json_extract(part.value, '$.documents') AS INTEGER) AS count,
           sum(json_extract(part.value, '$.documents')) OVER (PARTITION BY exchanges.id ORDER BY part.key) AS until
    FROM exchanges, json_each(exchanges.parts) AS part
    WHERE exchanges.parts IS NOT NULL
) AS of_part
WHERE of_part.exchange = documents.exchange AND documents.position >= of_part.until - of_part.count
    AND documents.position < of_part.until;
