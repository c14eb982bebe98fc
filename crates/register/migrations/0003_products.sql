-- The products; the columns that are not fields mean what they mean for customers.

CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    company_id INTEGER NOT NULL REFERENCES companies (id),
    version INTEGER NOT NULL,
    mark BLOB,
    number TEXT NOT NULL,
    name TEXT,
    name2 TEXT,
    "group" TEXT,
    unit TEXT,
    barcode TEXT,
    sales_price TEXT,
    cost_price TEXT,
    currency TEXT,
    vat_code TEXT,
    blocked INTEGER,
    stock TEXT,
    notes TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (company_id, number)
);
CREATE INDEX products_by_mark ON products (company_id, number, mark);
CREATE INDEX products_by_name ON products (company_id, lower(COALESCE("name", '')));
CREATE INDEX products_by_group ON products (company_id, lower(COALESCE("group", '')));
CREATE VIRTUAL TABLE products_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
