-- What each exchange folder stood on when it was last looked at, as JSON that only the program understands: a mounted
-- share that is an ordinary folder suddenly is not mounted, and must not be taken for an empty one.
CREATE TABLE exchange_folders (
    company_id INTEGER NOT NULL REFERENCES companies (id),
    path TEXT NOT NULL,
    stands_on TEXT NOT NULL,
    PRIMARY KEY (company_id, path)
);
