-- The last import of a file of this name: asked for each file that may have been left in the exchange folder.
CREATE INDEX imports_by_file ON imports (company_id, automation, file, id);
