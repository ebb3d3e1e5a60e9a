-- Origins of the pages that a key is shipped in; empty for other keys.
ALTER TABLE api_keys ADD COLUMN origins text[] NOT NULL DEFAULT '{}';
