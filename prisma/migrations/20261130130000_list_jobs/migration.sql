-- Lists of all users of a catalog, made by a worker in parts.
CREATE TABLE "list_jobs" (
    "id" UUID NOT NULL,
    "catalog_id" TEXT NOT NULL,
    "model_id" UUID NOT NULL,
    "k" INTEGER NOT NULL,
    "filter" JSONB,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_user_key" INTEGER NOT NULL DEFAULT 0,
    "parts" INTEGER NOT NULL DEFAULT 0,
    "users_done" INTEGER NOT NULL DEFAULT 0,
    "users_total" INTEGER,
    "size_bytes" BIGINT NOT NULL DEFAULT 0,
    "peak_rss_bytes" BIGINT,
    "error" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "request_id" TEXT,
    "trace_parent" TEXT,

    CONSTRAINT "list_jobs_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "list_job_parts" (
    "job_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "list_job_parts_pkey" PRIMARY KEY ("job_id","position")
);

CREATE INDEX "list_jobs_catalog_id_id_idx" ON "list_jobs"("catalog_id", "id");
CREATE INDEX "list_jobs_status_idx" ON "list_jobs"("status");

ALTER TABLE "list_jobs" ADD CONSTRAINT "list_jobs_catalog_id_fkey" FOREIGN KEY ("catalog_id") REFERENCES "catalogs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "list_job_parts" ADD CONSTRAINT "list_job_parts_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "list_jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- They are compressed when they come.
ALTER TABLE "list_job_parts" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;
