-- AlterTable
ALTER TABLE "training_runs" ADD COLUMN "epoch" JSONB;

-- CreateTable
CREATE TABLE "training_checkpoints" (
    "run_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "training_checkpoints_pkey" PRIMARY KEY ("run_id","position")
);

-- AddForeignKey
ALTER TABLE "training_checkpoints" ADD CONSTRAINT "training_checkpoints_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "training_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Numbers of a model do not compress; keep them out of line as they are.
ALTER TABLE "training_checkpoints" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;
