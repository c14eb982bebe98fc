-- Records that an undo removed, by the key under which people may still look for them. Their last values and all that
-- happened to them stand in the history.

CREATE TABLE removed_records (
    company_id INTEGER NOT NULL REFERENCES companies (id),
    register TEXT NOT NULL,
    number TEXT NOT NULL,
    record_id INTEGER NOT NULL,
    PRIMARY KEY (company_id, register, number, record_id)
);
