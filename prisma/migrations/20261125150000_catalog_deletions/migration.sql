-- AlterTable
ALTER TABLE "catalogs" ADD COLUMN "deleted_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "catalog_deletions" (
    "id" UUID NOT NULL,
    "catalog_id" TEXT NOT NULL,
    "cache_epoch" INTEGER NOT NULL,
    "item_revision" BIGINT NOT NULL,
    "interactions" BIGINT NOT NULL DEFAULT 0,
    "users" BIGINT NOT NULL DEFAULT 0,
    "items" BIGINT NOT NULL DEFAULT 0,
    "models" BIGINT NOT NULL DEFAULT 0,
    "training_runs" BIGINT NOT NULL DEFAULT 0,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "catalog_deletions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "catalog_deletions_catalog_id_idx" ON "catalog_deletions"("catalog_id");

-- CreateIndex
CREATE INDEX "catalog_deletions_finished_at_idx" ON "catalog_deletions"("finished_at");
