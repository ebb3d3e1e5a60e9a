-- 20261130100003_find_newest_of_an_item begins with the same columns.
DROP INDEX CONCURRENTLY IF EXISTS "interactions_item_key_catalog_id_idx";
