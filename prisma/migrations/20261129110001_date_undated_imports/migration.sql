ALTER TABLE "catalogs" ADD COLUMN "undated_since" TIMESTAMPTZ(3);
