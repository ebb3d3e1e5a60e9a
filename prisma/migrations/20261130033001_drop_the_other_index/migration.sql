-- 20261130033000_find_rows_by_item has taken its place.
DROP INDEX CONCURRENTLY IF EXISTS "interactions_catalog_id_item_key_idx";
