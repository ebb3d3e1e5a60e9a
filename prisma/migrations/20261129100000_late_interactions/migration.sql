-- CreateTable
CREATE TABLE "late_interactions" (
    "catalog_id" TEXT NOT NULL,
    "item_key" INTEGER NOT NULL,
    "user_key" INTEGER NOT NULL,
    "type_key" SMALLINT NOT NULL,
    "occurred_at" TIMESTAMPTZ(6) NOT NULL,
    "weight" REAL NOT NULL,

    CONSTRAINT "late_interactions_pkey" PRIMARY KEY ("catalog_id","item_key","user_key","type_key","occurred_at")
);

-- AddForeignKey
ALTER TABLE "late_interactions" ADD CONSTRAINT "late_interactions_catalog_id_fkey" FOREIGN KEY ("catalog_id") REFERENCES "catalogs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
