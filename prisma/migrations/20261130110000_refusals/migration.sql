-- What users have said no to; others have no row.
CREATE TABLE "refusals" (
    "catalog_id" TEXT NOT NULL,
    "user_key" INTEGER NOT NULL,
    "training" BOOLEAN NOT NULL,
    "personal" BOOLEAN NOT NULL,

    CONSTRAINT "refusals_pkey" PRIMARY KEY ("catalog_id", "user_key")
);

ALTER TABLE "refusals" ADD CONSTRAINT "refusals_catalog_id_fkey" FOREIGN KEY ("catalog_id") REFERENCES "catalogs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
