-- Numbers are compared first, and texts hardly ever.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "interactions_newest_of_item_idx" ON "interactions"("item_key", "catalog_id", "type_key", "occurred_at", "user_key");
