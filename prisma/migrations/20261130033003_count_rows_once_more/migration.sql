-- Allowed rows of a large table: it counts those of catalogs that 0.1 has written to, a few seconds for ten million
-- rows, and nothing but new users and items of these catalogs waits for it.
--
-- What processes of 0.1 have stored between the first count and the trigger. The rows are locked first, so that the
-- counts are of what is there then.
SELECT FROM "catalogs" WHERE "user_rows" <> "next_user_key" OR "item_rows" <> "next_item_key" FOR NO KEY UPDATE;
UPDATE "catalogs" c SET "user_rows" = (SELECT count(*) FROM "users" u WHERE u."catalog_id" = c."id")
  WHERE "user_rows" <> "next_user_key";
UPDATE "catalogs" c SET "item_rows" = (SELECT count(*) FROM "items" i WHERE i."catalog_id" = c."id")
  WHERE "item_rows" <> "next_item_key";
