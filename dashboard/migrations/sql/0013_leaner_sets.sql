-- A change set that costs a writer less: one setting for what two said, and no column or check that is worked out at every insert.

-- The change set of this transaction: the one the application named, else a new one for a change made outside it. The setting is the id of
-- the set and then the sides that are noted on it, as in '17 sales', so that a set's row is looked at once a side and not once a statement.
-- A named set is held as a foreign key of the entries would hold it, but once a transaction.
CREATE OR REPLACE FUNCTION tallyboard_change_set(target text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    side text := split_part(target, '_', 1);
    named text := current_setting('tallyboard.change_set', true);
    change bigint;
BEGIN
    IF named <> '' THEN
        change := split_part(named, ' ', 1);
        IF position(side IN named) = 0 THEN
            UPDATE dashboard_changeset
            SET touches_sales = touches_sales OR side = 'sales', touches_jobs = touches_jobs OR side = 'jobs'
            WHERE id = change AND NOT CASE side WHEN 'sales' THEN touches_sales WHEN 'jobs' THEN touches_jobs ELSE true END;
            PERFORM FROM dashboard_changeset WHERE id = change FOR KEY SHARE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'there is no change set %', change USING ERRCODE = 'foreign_key_violation';
            END IF;
            named := set_config('tallyboard.change_set', named || ' ' || side, true);  -- costs less than PERFORM, which is a query
        END IF;
        RETURN change;
    END IF;
    INSERT INTO dashboard_changeset (at, verb, sentence, count, touches_sales, touches_jobs)
    VALUES (now(), 'direct', 'changed rows outside the pages', 0, side = 'sales', side = 'jobs') RETURNING id INTO change;
    named := set_config('tallyboard.change_set', change || ' ' || side, true);
    RETURN change;
END $$;
