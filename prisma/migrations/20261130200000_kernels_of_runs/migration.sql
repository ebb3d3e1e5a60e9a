-- What the kernels compute that may solve blocks of a run; null: no blocks of it are shared.
ALTER TABLE "training_runs" ADD COLUMN "kernels" TEXT;
