-- The words of changed records are gathered in up to 16 MiB of memory, instead of 1 MiB, before FTS5 writes them as a
-- segment: of an import that changes many records, most of the time went into merging small segments.

INSERT INTO customers_words (customers_words, rank) VALUES ('hashsize', 16777216);
INSERT INTO products_words (products_words, rank) VALUES ('hashsize', 16777216);
