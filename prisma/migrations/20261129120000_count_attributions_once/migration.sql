-- CreateTable
CREATE TABLE "attributed_interactions" (
    "catalog_id" TEXT NOT NULL,
    "issued_at" TIMESTAMPTZ(3) NOT NULL,
    "answer" INTEGER NOT NULL,
    "user_key" INTEGER NOT NULL,
    "item_key" INTEGER NOT NULL,
    "type_key" SMALLINT NOT NULL,

    CONSTRAINT "attributed_interactions_pkey" PRIMARY KEY ("catalog_id","issued_at","answer","user_key","item_key","type_key")
);

-- AddForeignKey
ALTER TABLE "attributed_interactions" ADD CONSTRAINT "attributed_interactions_catalog_id_fkey" FOREIGN KEY ("catalog_id") REFERENCES "catalogs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
