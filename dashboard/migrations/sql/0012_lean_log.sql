-- What the log costs a writer: fewer statements for each statement of theirs, fewer index entries for each of the log's.

-- The change set of this transaction: the one the application named, else a new one for a change made outside it. The settings remember
-- which side of which set is noted already, so that a set's row is looked at once a side and not once a statement. A named set is held as
-- a foreign key of the entries would hold it, but once a transaction.
CREATE OR REPLACE FUNCTION tallyboard_change_set(target text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    side text := split_part(target, '_', 1);
    named text := current_setting('tallyboard.change_set', true);
    noted text;  -- assigning a function's value costs less than PERFORM, which is a query
BEGIN
    IF named <> '' THEN
        IF current_setting('tallyboard.side', true) IS DISTINCT FROM named || side THEN
            UPDATE dashboard_changeset
            SET touches_sales = touches_sales OR side = 'sales', touches_jobs = touches_jobs OR side = 'jobs'
            WHERE id = named::bigint AND NOT CASE side WHEN 'sales' THEN touches_sales WHEN 'jobs' THEN touches_jobs ELSE true END;
            PERFORM FROM dashboard_changeset WHERE id = named::bigint FOR KEY SHARE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'there is no change set %', named USING ERRCODE = 'foreign_key_violation';
            END IF;
            noted := set_config('tallyboard.side', named || side, true);
        END IF;
        RETURN named;
    END IF;
    INSERT INTO dashboard_changeset (at, verb, sentence, count, touches_sales, touches_jobs)
    VALUES (now(), 'direct', 'changed rows outside the pages', 0, side = 'sales', side = 'jobs') RETURNING id::text INTO named;
    noted := set_config('tallyboard.side', set_config('tallyboard.change_set', named, true) || side, true);
    RETURN named;
END $$;

-- A set stays while the log speaks of it: the other half of that foreign key.
CREATE FUNCTION tallyboard_keep_change_sets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM old_rows o JOIN dashboard_rowchange r ON r.change_set_id = o.id) THEN
        RAISE EXCEPTION 'a change set that the log speaks of cannot be deleted' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_logged AFTER DELETE ON dashboard_changeset
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tallyboard_keep_change_sets();

-- Added rows: one entry for each run of consecutive ids. Rows that one statement adds are one run, nearly always: one look tells.
CREATE OR REPLACE FUNCTION tallyboard_log_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dashboard_rowchange (change_set_id, "table", operation, row_id, last_id)
    SELECT tallyboard_change_set(TG_TABLE_NAME), TG_TABLE_NAME, 'I', min(id), max(id)
    FROM new_rows HAVING count(*) = max(id) - min(id) + 1;
    IF NOT FOUND THEN
        INSERT INTO dashboard_rowchange (change_set_id, "table", operation, row_id, last_id)
        SELECT tallyboard_change_set(TG_TABLE_NAME), TG_TABLE_NAME, 'I', min(id), max(id)
        FROM (SELECT id, id - row_number() OVER (ORDER BY id) AS run FROM new_rows) numbered
        GROUP BY run ORDER BY 4;
    END IF;
    RETURN NULL;
END $$;
