-- A change set keeps which sides of the company it touched: `sales` and `jobs`, the first word of each table's name.

DROP FUNCTION tallyboard_change_set();

-- The change set of this transaction: the one the application named, else a new one for a change made outside it. The setting remembers
-- which side of which set is noted already, so that a set's row is written once a side and not once a statement.
CREATE FUNCTION tallyboard_change_set(target text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    side text := split_part(target, '_', 1);
    named text := current_setting('tallyboard.change_set', true);
BEGIN
    IF named <> '' THEN
        IF current_setting('tallyboard.side', true) IS DISTINCT FROM named || side THEN
            UPDATE dashboard_changeset
            SET touches_sales = touches_sales OR side = 'sales', touches_jobs = touches_jobs OR side = 'jobs'
            WHERE id = named::bigint AND NOT CASE side WHEN 'sales' THEN touches_sales WHEN 'jobs' THEN touches_jobs ELSE true END;
            PERFORM set_config('tallyboard.side', named || side, true);
        END IF;
        RETURN named;
    END IF;
    INSERT INTO dashboard_changeset (at, verb, sentence, count, touches_sales, touches_jobs)
    VALUES (now(), 'direct', 'changed rows outside the pages', 0, side = 'sales', side = 'jobs') RETURNING id::text INTO named;
    PERFORM set_config('tallyboard.change_set', named, true), set_config('tallyboard.side', named || side, true);
    RETURN named;
END $$;

-- Added rows: one entry for each run of consecutive ids.
CREATE OR REPLACE FUNCTION tallyboard_log_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change bigint;
BEGIN
    IF EXISTS (SELECT FROM new_rows) THEN
        change := tallyboard_change_set(TG_TABLE_NAME);
        INSERT INTO dashboard_rowchange (change_set_id, "table", operation, row_id, last_id)
        SELECT change, TG_TABLE_NAME, 'I', min(id), max(id)
        FROM (SELECT id, id - row_number() OVER (ORDER BY id) AS run FROM new_rows) numbered
        GROUP BY run ORDER BY 4;
    END IF;
    RETURN NULL;
END $$;

-- Changed rows: the fields that differ, before and after. Columns that the database computes are left out. A statement that changed
-- no value leaves no trace, not even a change set: the set is asked for by the first row there is to write.
CREATE OR REPLACE FUNCTION tallyboard_log_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dashboard_rowchange (change_set_id, "table", operation, row_id, last_id, before, after)
    SELECT tallyboard_change_set(TG_TABLE_NAME), TG_TABLE_NAME, 'U', o.id, o.id, d.before, d.after
    FROM old_rows o JOIN new_rows n USING (id)
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(key, b.value) AS before, jsonb_object_agg(key, a.value) AS after
        FROM jsonb_each(to_jsonb(o) - TG_ARGV[0]::text[]) b
        JOIN jsonb_each(to_jsonb(n) - TG_ARGV[0]::text[]) a USING (key)
        WHERE a.value IS DISTINCT FROM b.value
    ) d
    WHERE d.before IS NOT NULL
    ORDER BY o.id;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tallyboard_log_delete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change bigint;
BEGIN
    IF EXISTS (SELECT FROM old_rows) THEN
        change := tallyboard_change_set(TG_TABLE_NAME);
        INSERT INTO dashboard_rowchange (change_set_id, "table", operation, row_id, last_id, before)
        SELECT change, TG_TABLE_NAME, 'D', o.id, o.id, to_jsonb(o) - TG_ARGV[0]::text[]
        FROM old_rows o ORDER BY o.id;
    END IF;
    RETURN NULL;
END $$;

-- How many rows a set changed, as a list shows it: the entries of a big one are read to a thousand only.
CREATE FUNCTION tallyboard_rows_changed(change bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(last_id - row_id + 1), 0)
    FROM (SELECT row_id, last_id FROM dashboard_rowchange WHERE change_set_id = change LIMIT 1000) entries
$$;

UPDATE dashboard_changeset c SET
    touches_sales = EXISTS (SELECT FROM dashboard_rowchange r WHERE r.change_set_id = c.id AND r."table" LIKE 'sales%'),
    touches_jobs = EXISTS (SELECT FROM dashboard_rowchange r WHERE r.change_set_id = c.id AND r."table" LIKE 'jobs%');
