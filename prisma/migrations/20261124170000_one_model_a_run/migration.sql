-- Two workers may have left equal models of one run: the active one stays, or else the oldest.
DELETE FROM "models" AS extra USING "models" AS kept
WHERE extra."run_id" = kept."run_id" AND extra."status" <> 'active'
  AND (kept."status" = 'active' OR kept."id" < extra."id");

-- CreateIndex
CREATE UNIQUE INDEX "models_run_id_key" ON "models"("run_id");
