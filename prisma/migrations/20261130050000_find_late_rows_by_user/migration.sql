-- A correction of a user's interactions looks for late ones too.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "late_interactions_catalog_id_user_key_idx" ON "late_interactions"("catalog_id", "user_key");
