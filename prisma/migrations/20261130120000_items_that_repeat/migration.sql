-- AlterTable
ALTER TABLE "interaction_types" ADD COLUMN "repeat_after_days" REAL;
