-- A schedule knows its next tick, so that one is taken once, and also after a time without workers.
ALTER TABLE "schedules"
  ADD COLUMN "missed" TEXT NOT NULL DEFAULT 'run-once',
  ADD COLUMN "next_tick_at" TIMESTAMPTZ(3);
ALTER TABLE "training_runs" ADD COLUMN "due_at" TIMESTAMPTZ(3);
