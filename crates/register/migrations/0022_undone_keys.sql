-- What is left of the number when nothing of it counts that a format may leave out: formats for which 042 is 42 find by it
-- what was undone. Empty in entries of earlier versions.
ALTER TABLE undone_values ADD COLUMN folded TEXT;
CREATE INDEX undone_values_by_folded ON undone_values (company_id, register, folded);
