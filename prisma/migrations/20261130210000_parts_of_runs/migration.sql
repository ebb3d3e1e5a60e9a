-- How many parts of a run's fit workers have solved; null: they have shared none.
ALTER TABLE "training_runs" ADD COLUMN "parts" JSONB;
