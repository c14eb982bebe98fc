-- An import of the kept bytes of an earlier one, made because a person asked for it: the number of the earlier one.
ALTER TABLE imports ADD COLUMN again_of INTEGER;
CREATE INDEX imports_again ON imports (company_id, again_of, id) WHERE again_of IS NOT NULL;
