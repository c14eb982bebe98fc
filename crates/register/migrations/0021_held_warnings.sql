-- What the checks of the format found in rows that a held import would take.
ALTER TABLE holds ADD COLUMN warnings BIGINT NOT NULL DEFAULT 0;
