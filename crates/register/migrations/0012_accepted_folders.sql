-- The newest import when an administrator last said that an exchange folder is right as it is: files that were taken
-- before, from another folder in its place, are not waited for any more.
CREATE TABLE accepted_folders (
    company_id INTEGER NOT NULL REFERENCES companies (id),
    path TEXT NOT NULL,
    newest_import INTEGER NOT NULL,
    PRIMARY KEY (company_id, path)
);
