-- In the order of bytes, whatever the collation of the database.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "users_catalog_id_external_id_idx" ON "users"("catalog_id", "external_id" COLLATE "C");
