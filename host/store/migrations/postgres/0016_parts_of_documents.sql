-- The number of the part that a document is of, from 0; nothing where it is of the whole message, or counts no more.
ALTER TABLE documents ADD COLUMN part bigint;

-- Until now documents stood in the order of their parts, and these say how many they have.
UPDATE documents SET part = of_part.number FROM (
    SELECT exchanges.id AS exchange, part.number - 1 AS number, (part.value ->> 'documents')::bigint AS count,
           sum((part.value ->> 'documents')::bigint) OVER (PARTITION BY exchanges.id ORDER BY part.number) AS until
    FROM exchanges, jsonb_array_elements(exchanges.parts::jsonb) WITH ORDINALITY AS part (value, number)
    WHERE exchanges.parts IS NOT NULL
) AS of_part
WHERE of_part.exchange = documents.exchange AND documents.position >= of_part.until - of_part.count
    AND documents.position < of_part.until;
