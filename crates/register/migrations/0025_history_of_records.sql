-- What happened to a record is a list: the record names the last entry of the history, and each entry the one `before` it
-- of the same record. An index of all entries by record did the same, but an import that changes one record in two hundred
-- had to write nearly all its pages.

ALTER TABLE history ADD COLUMN before INTEGER;
UPDATE history SET before = (
    SELECT max(earlier.id) FROM history AS earlier WHERE earlier.company_id = history.company_id
    AND earlier.register = history.register AND earlier.record_id = history.record_id AND earlier.id < history.id
) WHERE kind <> 'created';

ALTER TABLE customers ADD COLUMN history INTEGER;
UPDATE customers SET history = (
    SELECT max(id) FROM history
    WHERE history.company_id = customers.company_id AND register = 'customers' AND record_id = customers.id
);
ALTER TABLE products ADD COLUMN history INTEGER;
UPDATE products SET history = (
    SELECT max(id) FROM history
    WHERE history.company_id = products.company_id AND register = 'products' AND record_id = products.id
);
ALTER TABLE removed_records ADD COLUMN history INTEGER;
UPDATE removed_records SET history = (
    SELECT max(id) FROM history WHERE history.company_id = removed_records.company_id
    AND history.register = removed_records.register AND history.record_id = removed_records.record_id
);
CREATE INDEX removed_records_by_id ON removed_records (company_id, register, record_id);
DROP INDEX history_by_record;
