-- Also applied as bce2d952c7910449139dea79cbf67926907d247801acbd0a85cd0627a567690c, which built the index of
-- 20261130033000_find_rows_by_item too, and locked everybody out until it was built.
-- Every writer holds the catalog's row until it commits, and a catalog is deleted when it has no rows left. Foreign
-- keys checked that again for each row, which took as long as all the rest of an import.
ALTER TABLE "users" DROP CONSTRAINT "users_catalog_id_fkey";
ALTER TABLE "items" DROP CONSTRAINT "items_catalog_id_fkey";
ALTER TABLE "interactions" DROP CONSTRAINT "interactions_catalog_id_fkey";
ALTER TABLE "late_interactions" DROP CONSTRAINT "late_interactions_catalog_id_fkey";

-- Keys that a failed import had reserved are nobody's, so that the next key no longer says how many there are.
ALTER TABLE "catalogs" ADD COLUMN "user_rows" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "item_rows" INTEGER NOT NULL DEFAULT 0, ADD COLUMN "deleted_items" INTEGER NOT NULL DEFAULT 0;
UPDATE "catalogs" c SET "user_rows" = "next_user_key", "item_rows" = "next_item_key",
  "deleted_items" = (SELECT count(*) FROM "items" i WHERE i."catalog_id" = c."id" AND i."deleted_at" IS NOT NULL);
DROP INDEX "items_catalog_id_deleted_at_idx";
