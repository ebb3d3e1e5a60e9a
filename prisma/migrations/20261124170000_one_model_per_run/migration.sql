-- Workers that published for one run at once left equal models: the active one stays, else the one that the run names, else the first.
DELETE FROM "models" WHERE "id" IN (
    SELECT "id" FROM (
        SELECT "m"."id", row_number() OVER (
            PARTITION BY "m"."run_id" ORDER BY "m"."status" = 'active' DESC, "m"."id" = "r"."model_id" DESC NULLS LAST, "m"."id"
        ) AS "rank"
        FROM "models" "m" LEFT JOIN "training_runs" "r" ON "r"."id" = "m"."run_id"
    ) "ranked" WHERE "rank" > 1
);

-- CreateIndex
CREATE UNIQUE INDEX "models_run_id_key" ON "models"("run_id");
