-- The folder into which the file of an import is put, written before the file is moved there: whoever goes on after a
-- crash looks there first, whatever the settings say by then. NULL while nothing was put anywhere, and for imports that
-- are older than this column.
ALTER TABLE imports ADD COLUMN kept_in TEXT;
