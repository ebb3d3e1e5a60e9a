-- Who has changed what by calls of the scopes train and admin. It outlives catalogs and keys.
CREATE TABLE audit_log (
  id uuid PRIMARY KEY,
  at timestamptz(3) NOT NULL DEFAULT now(),
  key_id uuid,
  key_name text,
  method text NOT NULL,
  route text NOT NULL,
  address text NOT NULL,
  status integer
);
