-- A few pages, whatever the size of the table: the latest time in each range of 1 MiB.
CREATE INDEX "interactions_occurred_at_idx" ON "interactions" USING BRIN ("occurred_at") WITH (autosummarize = on);
