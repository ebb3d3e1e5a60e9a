-- Calls a second that a key may make; null: what the service is set to.
ALTER TABLE api_keys ADD COLUMN calls_per_second integer;
