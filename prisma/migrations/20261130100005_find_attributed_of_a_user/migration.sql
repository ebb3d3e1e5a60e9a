CREATE INDEX CONCURRENTLY IF NOT EXISTS "attributed_interactions_catalog_id_user_key_idx" ON "attributed_interactions"("catalog_id", "user_key");
