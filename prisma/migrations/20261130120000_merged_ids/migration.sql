-- Ids whose users were merged into others, whom they name until their end.
CREATE TABLE "merged_ids" (
    "catalog_id" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "into_id" TEXT NOT NULL,
    "merged_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "merged_ids_pkey" PRIMARY KEY ("catalog_id", "external_id")
);

CREATE INDEX "merged_ids_catalog_id_into_id_idx" ON "merged_ids"("catalog_id", "into_id");
CREATE INDEX "merged_ids_ends_at_idx" ON "merged_ids"("ends_at");

ALTER TABLE "merged_ids" ADD CONSTRAINT "merged_ids_catalog_id_fkey" FOREIGN KEY ("catalog_id") REFERENCES "catalogs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
