-- Memory that solving a part takes, and for each thread besides; null: an earlier release made the part.
ALTER TABLE "training_parts" ADD COLUMN "fixed_bytes" BIGINT, ADD COLUMN "thread_bytes" BIGINT;
