-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "catalogs" (
    "id" TEXT NOT NULL,
    "next_user_key" INTEGER NOT NULL DEFAULT 0,
    "next_item_key" INTEGER NOT NULL DEFAULT 0,
    "item_revision" BIGINT NOT NULL DEFAULT 0,
    "cache_epoch" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "catalogs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users" (
    "catalog_id" TEXT NOT NULL,
    "user_key" INTEGER NOT NULL,
    "external_id" TEXT NOT NULL,
    "revision" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("catalog_id","user_key")
);

-- CreateTable
CREATE TABLE "items" (
    "catalog_id" TEXT NOT NULL,
    "item_key" INTEGER NOT NULL,
    "external_id" TEXT NOT NULL,
    "title" TEXT,
    "tags" TEXT[],
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "available" BOOLEAN NOT NULL DEFAULT true,
    "revision" BIGINT NOT NULL DEFAULT 0,
    "deleted_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "items_pkey" PRIMARY KEY ("catalog_id","item_key")
);

-- CreateTable
CREATE TABLE "interaction_types" (
    "catalog_id" TEXT NOT NULL,
    "type_key" SMALLINT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "interaction_types_pkey" PRIMARY KEY ("catalog_id","type_key")
);

-- CreateTable
CREATE TABLE "interactions" (
    "catalog_id" TEXT NOT NULL,
    "user_key" INTEGER NOT NULL,
    "item_key" INTEGER NOT NULL,
    "type_key" SMALLINT NOT NULL,
    "occurred_at" TIMESTAMPTZ(6) NOT NULL,
    "weight" REAL NOT NULL,

    CONSTRAINT "interactions_pkey" PRIMARY KEY ("catalog_id","user_key","item_key","type_key","occurred_at")
);

-- CreateTable
CREATE TABLE "training_runs" (
    "id" UUID NOT NULL,
    "catalog_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "parameters" JSONB NOT NULL,
    "activate" BOOLEAN NOT NULL,
    "schedule_name" TEXT,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "stage" TEXT NOT NULL DEFAULT 'queued',
    "progress" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "worker_id" TEXT,
    "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
    "snapshot_hash" TEXT,
    "model_id" UUID,
    "unchanged" BOOLEAN NOT NULL DEFAULT false,
    "error" JSONB,
    "estimated_bytes" BIGINT,
    "peak_rss_bytes" BIGINT,
    "timings_ms" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "training_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "models" (
    "id" UUID NOT NULL,
    "catalog_id" TEXT NOT NULL,
    "run_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "parameters" JSONB NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'ready',
    "metrics" JSONB NOT NULL,
    "baseline" JSONB NOT NULL,
    "snapshot_hash" TEXT NOT NULL,
    "code_version" TEXT NOT NULL,
    "kernel" TEXT NOT NULL,
    "num_users" INTEGER NOT NULL,
    "num_items" INTEGER NOT NULL,
    "num_interactions" INTEGER NOT NULL,
    "artifact_bytes" BIGINT NOT NULL,
    "artifact_checksum" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "activated_at" TIMESTAMPTZ(3),

    CONSTRAINT "models_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "model_chunks" (
    "model_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "model_chunks_pkey" PRIMARY KEY ("model_id","position")
);

-- CreateTable
CREATE TABLE "schedules" (
    "catalog_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "cron" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "parameters" JSONB NOT NULL,
    "gate" JSONB,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "last_outcome" TEXT,
    "last_tick_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "schedules_pkey" PRIMARY KEY ("catalog_id","name")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_catalog_id_external_id_key" ON "users"("catalog_id", "external_id");

-- CreateIndex
CREATE INDEX "items_catalog_id_revision_idx" ON "items"("catalog_id", "revision");

-- CreateIndex
CREATE UNIQUE INDEX "items_catalog_id_external_id_key" ON "items"("catalog_id", "external_id");

-- CreateIndex
CREATE UNIQUE INDEX "interaction_types_catalog_id_name_key" ON "interaction_types"("catalog_id", "name");

-- CreateIndex
CREATE INDEX "interactions_catalog_id_item_key_idx" ON "interactions"("catalog_id", "item_key");

-- CreateIndex
CREATE INDEX "training_runs_catalog_id_id_idx" ON "training_runs"("catalog_id", "id");

-- CreateIndex
CREATE INDEX "training_runs_status_idx" ON "training_runs"("status");

-- CreateIndex
CREATE INDEX "models_catalog_id_snapshot_hash_idx" ON "models"("catalog_id", "snapshot_hash");

-- AddForeignKey
ALTER TABLE "users" ADD CONSTRAINT "users_catalog_id_fkey" FOREIGN KEY ("catalog_id") REFERENCES "catalogs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "items" ADD CONSTRAINT "items_catalog_id_fkey" FOREIGN KEY ("catalog_id") REFERENCES "catalogs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "interaction_types" ADD CONSTRAINT "interaction_types_catalog_id_fkey" FOREIGN KEY ("catalog_id") REFERENCES "catalogs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "interactions" ADD CONSTRAINT "interactions_catalog_id_fkey" FOREIGN KEY ("catalog_id") REFERENCES "catalogs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "training_runs" ADD CONSTRAINT "training_runs_catalog_id_fkey" FOREIGN KEY ("catalog_id") REFERENCES "catalogs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "models" ADD CONSTRAINT "models_catalog_id_fkey" FOREIGN KEY ("catalog_id") REFERENCES "catalogs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_chunks" ADD CONSTRAINT "model_chunks_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "schedules" ADD CONSTRAINT "schedules_catalog_id_fkey" FOREIGN KEY ("catalog_id") REFERENCES "catalogs"("id") ON DELETE CASCADE ON UPDATE CASCADE;



-- One active model a catalog. Prisma cannot say this in its schema.
CREATE UNIQUE INDEX "models_one_active_per_catalog" ON "models" ("catalog_id") WHERE "status" = 'active';

-- Model bytes do not compress; keep them out of line as they are.
ALTER TABLE "model_chunks" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;

-- The catalog that exists from the start.
INSERT INTO "catalogs" ("id") VALUES ('default');
