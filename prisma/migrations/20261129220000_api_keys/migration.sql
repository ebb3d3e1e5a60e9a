-- Keys by which callers are let in. Rows stay when they are revoked: once there was a key, one is needed.
CREATE TABLE api_keys (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  -- SHA-256 of the secret.
  secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
  scopes text[] NOT NULL,
  catalogs text[] NOT NULL,
  is_for_all boolean NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3)
);
