-- Users whose lists a model was measured on; null: nobody counted them.
ALTER TABLE "models" ADD COLUMN "measured_users" INTEGER;
