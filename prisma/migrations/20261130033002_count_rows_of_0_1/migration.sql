-- Also applied as c1fc938b9e9b9877b0ace3109293596886c0159f9a50c52804cdd85b2eca5f3e, which counted as well.
--
-- Processes of 0.1 hand out keys and count no rows, which a rolling upgrade has for a while. All that they hand out
-- become rows; imports of later releases reserve some that may not, and say so.
ALTER TABLE "catalogs" ADD COLUMN "key_reservations" INTEGER NOT NULL DEFAULT 0;

CREATE FUNCTION count_rows_of_0_1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.user_rows = OLD.user_rows THEN
    NEW.user_rows := OLD.user_rows + NEW.next_user_key - OLD.next_user_key;
  END IF;
  IF NEW.item_rows = OLD.item_rows THEN
    NEW.item_rows := OLD.item_rows + NEW.next_item_key - OLD.next_item_key;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER count_rows_of_0_1 BEFORE UPDATE OF next_user_key, next_item_key ON "catalogs" FOR EACH ROW
  WHEN (NEW.key_reservations = OLD.key_reservations AND
    (NEW.next_user_key - OLD.next_user_key <> NEW.user_rows - OLD.user_rows OR
     NEW.next_item_key - OLD.next_item_key <> NEW.item_rows - OLD.item_rows))
  EXECUTE FUNCTION count_rows_of_0_1();
