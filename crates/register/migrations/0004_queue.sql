-- Which import is next, and which file is to be put away: asked at every turn, however many wait.

CREATE INDEX imports_to_do ON imports (company_id, register, id) WHERE step IN ('claiming', 'claimed', 'spooled');
CREATE INDEX imports_to_put_away ON imports (company_id, register, id) WHERE step = 'committed';
