-- Of a long title the beginning, since an index takes texts of 2,704 bytes at most. Prisma cannot say this in its schema.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "items_title_prefix_idx" ON "items"("catalog_id", (lower(left("title", 100)) COLLATE "C"), "item_key") WHERE "deleted_at" IS NULL;
