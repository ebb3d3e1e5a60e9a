-- AlterTable
ALTER TABLE "training_runs" ADD COLUMN "leaderboard" JSONB,
ADD COLUMN "with_leaderboard" BOOLEAN NOT NULL DEFAULT false;
