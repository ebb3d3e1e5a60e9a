-- Numbers are compared first, and texts hardly ever.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "interactions_item_key_catalog_id_idx" ON "interactions"("item_key", "catalog_id");
