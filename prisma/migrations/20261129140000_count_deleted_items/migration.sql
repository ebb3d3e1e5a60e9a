-- CreateIndex
CREATE INDEX "items_catalog_id_deleted_at_idx" ON "items"("catalog_id", "deleted_at");

-- Items were dated by the clock of a process, and their first change by that of the database.
UPDATE "items" SET "updated_at" = "created_at" WHERE "updated_at" < "created_at";
