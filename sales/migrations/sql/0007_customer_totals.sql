-- One stored row a customer, what makes it exact at every instant, and marks that know whose orders changed. See sales/stored_totals.py.

CREATE TABLE sales_total_day (day date NOT NULL);  -- one row: the business day the stored rows were computed for
INSERT INTO sales_total_day VALUES (business_date(now()));

-- Functions where the planner would expect millions of rows of a view over the marks: there are few, or none.

-- The days of customers that may be behind the facts.
CREATE FUNCTION sales_customer_marked_days() RETURNS TABLE (customer_id bigint, day date) LANGUAGE plpgsql STABLE ROWS 10 AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT m.customer_id, m.day FROM sales_summarymark m WHERE m.customer_id IS NOT NULL
    UNION
    SELECT o.customer_id, o.placed_on
    FROM (SELECT DISTINCT order_id FROM sales_summarymark WHERE order_id IS NOT NULL) AS m
    CROSS JOIN LATERAL (SELECT * FROM sales_order o WHERE o.id = m.order_id OFFSET 0) AS o
    WHERE o.customer_id IS NOT NULL;
END $$;

-- The customers whose stored row may be behind: those, and whoever ordered on a day that the last 365 days lost or gained since.
CREATE FUNCTION sales_touched_customers() RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    stored date := (SELECT day FROM sales_total_day);
    today date := business_date(now());
    touched bigint[] := ARRAY(SELECT DISTINCT customer_id FROM sales_customer_marked_days());
BEGIN
    IF stored <> today THEN
        touched := ARRAY(
            SELECT unnest(touched)
            UNION
            SELECT customer_id FROM sales_summary_customer
            WHERE grain = 'day' AND start >= least(stored, today) - 364 AND start < greatest(stored, today) - 364 AND customer_id > 0
            UNION
            SELECT customer_id FROM sales_summary_customer
            WHERE grain = 'day' AND start > least(stored, today) AND start <= greatest(stored, today) AND customer_id > 0
        );
    END IF;
    RETURN touched;
END $$;

-- Every day of every customer as the facts are now: the stored days, and the facts where a day is marked.
CREATE VIEW sales_customer_day AS
SELECT s.customer_id, s.start, s.orders, s.net, s.gross - s.discounts AS sold
FROM sales_summary_customer s
WHERE s.grain = 'day' AND s.customer_id > 0
    AND (s.customer_id, s.start) NOT IN (SELECT customer_id, day FROM sales_customer_marked_days())
UNION ALL
SELECT marked.customer_id, marked.day, fresh.orders, fresh.net, fresh.sold
FROM sales_customer_marked_days() AS marked
CROSS JOIN LATERAL (
    SELECT
        count(DISTINCT order_id) FILTER (WHERE kind IN ('sale', 'free')) AS orders,
        sum(net)::bigint AS net,
        sum(gross - discounts)::bigint AS sold,
        count(*) AS lines
    FROM sales_fact f
    WHERE f.customer_id = marked.customer_id AND f.start = marked.day AND f.status NOT IN ('cancelled', 'test')
    OFFSET 0
) AS fresh
WHERE fresh.lines > 0;

-- What each customer ordered, from those days; customers without a counted line have no row.
CREATE VIEW sales_fresh_customer_total AS
SELECT sums.customer_id, sums.orders, sums.spend, sums.sold, sums.spend_year, latest.placed_at AS latest_order_at
FROM (
    SELECT
        customer_id,
        sum(orders)::bigint AS orders,
        sum(net) / 10000.0 AS spend,
        sum(sold) / 10000.0 AS sold,
        coalesce(sum(net) FILTER (WHERE start > business_date(now()) - 365 AND start <= business_date(now())), 0) / 10000.0 AS spend_year
    FROM sales_customer_day
    GROUP BY customer_id
) AS sums
LEFT JOIN LATERAL (
    SELECT o.placed_at
    FROM sales_order o
    WHERE o.customer_id = sums.customer_id AND o.status NOT IN ('cancelled', 'test')
        AND EXISTS (SELECT FROM sales_orderline l WHERE l.order_id = o.id AND l.kind IN ('sale', 'free'))
    ORDER BY o.placed_at DESC, o.id DESC
    LIMIT 1
) AS latest ON true;

-- The rows of some customers, computed one by one.
CREATE FUNCTION sales_fresh_customer_totals(customers bigint[])
RETURNS TABLE (customer_id bigint, orders bigint, spend numeric, sold numeric, spend_year numeric, latest_order_at timestamptz)
LANGUAGE plpgsql STABLE ROWS 10 AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT wanted.customer_id, fresh.orders, fresh.spend, fresh.sold, fresh.spend_year, fresh.latest_order_at
    FROM unnest(customers) AS wanted (customer_id)
    LEFT JOIN LATERAL (SELECT * FROM sales_fresh_customer_total AS one WHERE one.customer_id = wanted.customer_id OFFSET 0) AS fresh ON true;
END $$;

-- What to read: one row each customer. The condition stands outside the union, so that the stored branch is the bare table and an ordered
-- list walks its index; the function stands in a subquery, because only so can the planner look single customers up in the union.
CREATE OR REPLACE VIEW sales_customer_figures AS
SELECT customer_id, orders, spend, sold, average_order, spend_year, latest_order_at
FROM (
    SELECT true AS stored, customer_id, orders, spend, sold, average_order, spend_year, latest_order_at FROM sales_customertotal
    UNION ALL
    SELECT false, customer_id, orders, spend, sold, sold / nullif(orders, 0), spend_year, latest_order_at
    FROM (SELECT * FROM sales_fresh_customer_totals((SELECT sales_touched_customers())) OFFSET 0) AS touched
) AS figures
WHERE NOT stored OR customer_id <> ALL ((SELECT sales_touched_customers())::bigint[]);

-- Rows come with their customers, and go with them by the foreign key.
CREATE FUNCTION sales_add_customer_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sales_customertotal (customer_id) SELECT id FROM new_rows;
    RETURN NULL;
END $$;
CREATE TRIGGER sales_customer_inserted AFTER INSERT ON sales_customer
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION sales_add_customer_totals();

-- An order marks the day it was on and the day it is on, and whose it was and is.
CREATE OR REPLACE FUNCTION sales_mark_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO sales_summarymark (day, customer_id) SELECT DISTINCT placed_on, customer_id FROM old_rows;
    ELSE
        INSERT INTO sales_summarymark (day, customer_id)
        SELECT DISTINCT placed_on, customer_id FROM (
            (SELECT id, placed_on, placed_at, customer_id, channel_id, salesperson_id, tier_id, status, country FROM old_rows
            EXCEPT SELECT id, placed_on, placed_at, customer_id, channel_id, salesperson_id, tier_id, status, country FROM new_rows)
            UNION ALL
            (SELECT id, placed_on, placed_at, customer_id, channel_id, salesperson_id, tier_id, status, country FROM new_rows
            EXCEPT SELECT id, placed_on, placed_at, customer_id, channel_id, salesperson_id, tier_id, status, country FROM old_rows)
        ) changed;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION sales_empty_summaries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE sales_summary_channel, sales_summary_country, sales_summary_salesperson, sales_summary_hour, sales_summary_category, sales_summary_product, sales_summary_customer;
    UPDATE sales_customertotal SET orders = NULL, spend = NULL, sold = NULL, spend_year = NULL, latest_order_at = NULL;
    RETURN NULL;
END $$;

-- The lists filter orders by several of these at once; the planner knows which go together.
CREATE STATISTICS sales_order_channel_salesperson (mcv) ON channel_id, salesperson_id FROM sales_order;
CREATE STATISTICS sales_order_status_channel (mcv) ON status, channel_id FROM sales_order;
CREATE STATISTICS sales_order_status_salesperson (mcv) ON status, salesperson_id FROM sales_order;

INSERT INTO sales_customertotal (customer_id, orders, spend, sold, spend_year, latest_order_at)
SELECT c.id, fresh.orders, fresh.spend, fresh.sold, fresh.spend_year, fresh.latest_order_at
FROM sales_customer c LEFT JOIN sales_fresh_customer_total fresh ON fresh.customer_id = c.id;
SET CONSTRAINTS ALL IMMEDIATE;
