-- The change log: what every statement did to business tables, by whatever path it came.

-- The change set of this transaction: the one the application named, else a new one for a change made outside it.
CREATE FUNCTION tallyboard_change_set() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    named text := current_setting('tallyboard.change_set', true);
    made bigint;
BEGIN
    IF named <> '' THEN
        RETURN named;
    END IF;
    INSERT INTO dashboard_changeset (at, verb, sentence, count)
    VALUES (now(), 'direct', 'changed rows outside the pages', 0) RETURNING id INTO made;
    PERFORM set_config('tallyboard.change_set', made::text, true);
    RETURN made;
END $$;

-- Added rows: one entry for each run of consecutive ids.
CREATE FUNCTION tallyboard_log_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dashboard_rowchange (change_set_id, "table", operation, row_id, last_id)
    SELECT tallyboard_change_set(), TG_TABLE_NAME, 'I', min(id), max(id)
    FROM (SELECT id, id - row_number() OVER (ORDER BY id) AS run FROM new_rows) numbered
    GROUP BY run ORDER BY 4;
    RETURN NULL;
END $$;

-- Changed rows: the fields that differ, before and after. Columns that the database computes are left out.
CREATE FUNCTION tallyboard_log_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dashboard_rowchange (change_set_id, "table", operation, row_id, last_id, before, after)
    SELECT tallyboard_change_set(), TG_TABLE_NAME, 'U', o.id, o.id, d.before, d.after
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

CREATE FUNCTION tallyboard_log_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dashboard_rowchange (change_set_id, "table", operation, row_id, last_id, before)
    SELECT tallyboard_change_set(), TG_TABLE_NAME, 'D', o.id, o.id, to_jsonb(o) - TG_ARGV[0]::text[]
    FROM old_rows o ORDER BY o.id;
    RETURN NULL;
END $$;

-- TRUNCATE leaves no rows to log, so it is refused; only a database made to be thrown away allows it.
CREATE FUNCTION tallyboard_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('tallyboard.truncate', true) = 'allowed' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'TRUNCATE of % is refused: it could not be logged or undone', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- The log itself is append-only; erasing a person's data is the one reason to touch it, and says so.
CREATE FUNCTION tallyboard_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('tallyboard.erase', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- Log a table from now on. To be called again when its generated columns change.
CREATE FUNCTION tallyboard_track(target regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    computed text := (SELECT coalesce(array_agg(attname::text), '{}')::text FROM pg_attribute
                      WHERE attrelid = target AND attgenerated <> '' AND NOT attisdropped);
BEGIN
    EXECUTE format('DROP TRIGGER IF EXISTS log_insert ON %s', target);
    EXECUTE format('DROP TRIGGER IF EXISTS log_update ON %s', target);
    EXECUTE format('DROP TRIGGER IF EXISTS log_delete ON %s', target);
    EXECUTE format('DROP TRIGGER IF EXISTS refuse_truncate ON %s', target);
    EXECUTE format('CREATE TRIGGER log_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION tallyboard_log_insert()', target);
    EXECUTE format('CREATE TRIGGER log_update AFTER UPDATE ON %s REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION tallyboard_log_update(%L)', target, computed);
    EXECUTE format('CREATE TRIGGER log_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION tallyboard_log_delete(%L)', target, computed);
    EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION tallyboard_refuse_truncate()', target);
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON dashboard_rowchange
    FOR EACH STATEMENT EXECUTE FUNCTION tallyboard_append_only();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON dashboard_rowchange
    FOR EACH STATEMENT EXECUTE FUNCTION tallyboard_refuse_truncate();
