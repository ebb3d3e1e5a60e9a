-- What both users of a merge were counted for is counted once after it.
ALTER TABLE "attributed_interactions" ADD COLUMN "model_id" UUID;
