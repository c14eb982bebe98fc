-- A person says of a file that only some of the records are in it, whatever its format says: those that are not in it stay
-- as they are.

ALTER TABLE imports ADD COLUMN changes_only INTEGER NOT NULL DEFAULT 0;
