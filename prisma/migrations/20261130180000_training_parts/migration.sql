-- Parts of a run that workers share, and the bytes by which they do so.
CREATE TABLE "training_parts" (
    "run_id" UUID NOT NULL,
    "task" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "first_block" INTEGER NOT NULL,
    "num_blocks" INTEGER NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "worker_id" TEXT,
    "result" TEXT,
    "error" JSONB,

    CONSTRAINT "training_parts_pkey" PRIMARY KEY ("run_id","task","position")
);

CREATE TABLE "training_artifacts" (
    "run_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "training_artifacts_pkey" PRIMARY KEY ("run_id","name","position")
);

ALTER TABLE "training_parts" ADD CONSTRAINT "training_parts_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "training_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "training_artifacts" ADD CONSTRAINT "training_artifacts_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "training_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Numbers of a model do not compress; keep them out of line as they are.
ALTER TABLE "training_artifacts" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;
