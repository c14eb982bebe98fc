-- The contacts of a customer: one JSON list, NULL for none.

ALTER TABLE customers ADD COLUMN contacts TEXT;
