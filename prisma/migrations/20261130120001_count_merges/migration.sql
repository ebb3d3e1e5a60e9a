-- Writers look for merged ids only where there was a merge. A transaction of its own, since it locks a table that
-- 20261130120000_merged_ids holds in another way.
ALTER TABLE "catalogs" ADD COLUMN "merges" INTEGER NOT NULL DEFAULT 0;
