-- What belongs to the refused rows of an import besides their bytes, so that they can be written as a file of the same
-- kind again: what stood above the first row, what ends a line, the names of the columns, and the format as it was.

CREATE TABLE refused_files (
    import_id INTEGER NOT NULL PRIMARY KEY REFERENCES imports (id),
    head BLOB NOT NULL,
    line_end BLOB NOT NULL,
    header TEXT NOT NULL,
    format TEXT NOT NULL
);
