-- What the columns of a format's files were like when one was last imported, as JSON: a delivery whose columns are
-- others is held. NULL while none was imported. It counts only for the format as it was then, whose fingerprint it holds.
ALTER TABLE formats ADD COLUMN layout TEXT;

-- What has changed in the columns of a held import, as JSON; NULL when nothing has.
ALTER TABLE holds ADD COLUMN drift TEXT;
