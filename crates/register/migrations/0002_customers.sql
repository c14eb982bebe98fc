-- The customers: a column for each declared field, named as the field.
--
-- Numbers are text with the digits of the file, days ISO 8601 text, yes and no 1 and 0; empty is NULL. `version` goes
-- up with every change. `mark` is the fingerprint of the file's row that the record was last imported from, NULL after
-- any other change; with it an unchanged row is told without being read. Its index is all that a comparison walks.
-- Each order of the list has an index (PostgreSQL: with id as the last column, and number COLLATE "C").
-- The words under which records are found are an index of SQLite's own; its rowid is the record's id.

CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    company_id INTEGER NOT NULL REFERENCES companies (id),
    version INTEGER NOT NULL,
    mark BLOB,
    number TEXT NOT NULL,
    name TEXT,
    name2 TEXT,
    address1 TEXT,
    address2 TEXT,
    postcode TEXT,
    city TEXT,
    region TEXT,
    country TEXT,
    phone TEXT,
    mobile TEXT,
    fax TEXT,
    email TEXT,
    website TEXT,
    tax_number TEXT,
    gln TEXT,
    contact TEXT,
    contact_email TEXT,
    contact_phone TEXT,
    "group" TEXT,
    price_group TEXT,
    payment_terms TEXT,
    currency TEXT,
    language TEXT,
    credit_limit TEXT,
    discount_percent TEXT,
    balance TEXT,
    blocked INTEGER,
    inactive INTEGER,
    notes TEXT,
    created_on TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (company_id, number)
);
CREATE INDEX customers_by_mark ON customers (company_id, number, mark);
CREATE INDEX customers_by_name ON customers (company_id, lower(COALESCE("name", '')));
CREATE INDEX customers_by_city ON customers (company_id, lower(COALESCE("city", '')));
CREATE VIRTUAL TABLE customers_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
