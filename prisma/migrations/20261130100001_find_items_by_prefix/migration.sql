-- Prisma cannot say this in its schema.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "items_id_prefix_idx" ON "items"("catalog_id", "external_id" COLLATE "C") WHERE "deleted_at" IS NULL;
