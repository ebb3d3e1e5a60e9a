-- AlterTable
ALTER TABLE "interaction_types" ADD COLUMN "half_life_days" REAL,
ADD COLUMN "positive" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN "training_weight" REAL NOT NULL DEFAULT 1;
