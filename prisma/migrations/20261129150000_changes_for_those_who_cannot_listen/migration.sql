-- CreateTable
CREATE TABLE "catalog_changes" (
    "id" BIGSERIAL NOT NULL,
    "xid" xid8 NOT NULL,
    "change" JSONB NOT NULL,

    CONSTRAINT "catalog_changes_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "catalog_changes_xid_idx" ON "catalog_changes"("xid");
