-- How far the lists of a model reach into the catalogue, and those of popularity; null where it was not measured.
ALTER TABLE "models" ADD COLUMN "breadth" JSONB;
