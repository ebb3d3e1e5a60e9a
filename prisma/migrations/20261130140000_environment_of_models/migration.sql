-- What made a model beside its data and parameters; null: it was made by an earlier release.
ALTER TABLE "models" ADD COLUMN "node_version" TEXT, ADD COLUMN "postgres_version" TEXT;
