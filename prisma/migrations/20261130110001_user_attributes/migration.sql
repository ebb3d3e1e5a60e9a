-- Tags and metadata of users; others have no row.
CREATE TABLE "user_attributes" (
    "catalog_id" TEXT NOT NULL,
    "user_key" INTEGER NOT NULL,
    "tags" TEXT[],
    "metadata" JSONB NOT NULL,

    CONSTRAINT "user_attributes_pkey" PRIMARY KEY ("catalog_id", "user_key")
);

CREATE INDEX "user_attributes_tags_idx" ON "user_attributes" USING GIN ("tags");

ALTER TABLE "user_attributes" ADD CONSTRAINT "user_attributes_catalog_id_fkey" FOREIGN KEY ("catalog_id") REFERENCES "catalogs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
