-- The summaries: what a measure is (sales_fact), the stored tables, what the facts say a day (sales_fresh_…), what to read (sales_live_…),
-- and the triggers that mark what changed. sales/summaries.py describes them, sales/rollups.py fills them.

-- One row an order line, with every measure as a whole number: counts, and money in ten-thousandths.
CREATE VIEW sales_fact AS
SELECT
    l.id AS line_id,
    o.placed_on AS start,
    o.id AS order_id,
    l.product_id,
    p.category_id,
    o.customer_id,
    o.tier_id,
    o.channel_id,
    o.salesperson_id,
    o.country::text AS country,
    business_hour(o.placed_at) AS hour,
    o.status::text AS status,
    l.kind::text AS kind,
    o.customer_id IS NOT NULL AS known,
    1::bigint AS lines,
    l.quantity::bigint AS units,
    CASE WHEN l.kind IN ('sale', 'free') THEN l.quantity ELSE 0 END::bigint AS units_sold,
    CASE WHEN l.kind = 'return' THEN -l.quantity ELSE 0 END::bigint AS units_returned,
    CASE WHEN l.unit_cost IS NULL THEN 1 ELSE 0 END::bigint AS uncosted,
    CASE WHEN l.kind = 'sale' THEN l.quantity * l.unit_price * 10000 ELSE 0 END::bigint AS gross,
    CASE WHEN l.kind = 'sale' THEN (l.discount_amount + l.coupon_share) * 10000 ELSE 0 END::bigint AS discounts,
    CASE WHEN l.kind = 'return' THEN -l.net * 10000 ELSE 0 END::bigint AS returns,
    CASE WHEN l.kind IN ('adjustment', 'free') THEN l.net * 10000 ELSE 0 END::bigint AS adjustments,
    (l.net * 10000)::bigint AS net,
    (coalesce(l.cost, 0) * 10000)::bigint AS cost,
    CASE WHEN l.unit_cost IS NOT NULL THEN l.net * 10000 ELSE 0 END::bigint AS costed_net
FROM sales_order o
JOIN sales_orderline l ON l.order_id = o.id
LEFT JOIN sales_product p ON p.id = l.product_id;

-- The days whose stored figures may be behind the facts.
CREATE VIEW sales_marked_day AS
SELECT day FROM sales_summarymark WHERE day IS NOT NULL
UNION
SELECT o.placed_on FROM sales_summarymark m JOIN sales_order o ON o.id = m.order_id;

-- By channel
CREATE TABLE sales_summary_channel (
    grain text NOT NULL,
    start date NOT NULL,
    channel_id bigint NOT NULL,
    tier_id bigint NOT NULL,
    status text NOT NULL,
    kind text NOT NULL,
    known boolean NOT NULL,
    lines bigint NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    units_sold bigint NOT NULL,
    units_returned bigint NOT NULL,
    uncosted bigint NOT NULL,
    gross bigint NOT NULL,
    discounts bigint NOT NULL,
    returns bigint NOT NULL,
    adjustments bigint NOT NULL,
    net bigint NOT NULL,
    cost bigint NOT NULL,
    costed_net bigint NOT NULL,
    PRIMARY KEY (grain, start, channel_id, tier_id, status, kind, known)
);
CREATE INDEX sales_summary_channel_empty ON sales_summary_channel (grain) WHERE lines = 0;

CREATE VIEW sales_fresh_channel AS
SELECT
    start,
    coalesce(channel_id, 0) AS channel_id,
    coalesce(tier_id, 0) AS tier_id,
    status,
    kind,
    known,
    sum(lines)::bigint AS lines,
    count(DISTINCT order_id) FILTER (
        WHERE kind = 'sale' OR kind = 'free' AND NOT EXISTS (SELECT FROM sales_orderline s WHERE s.order_id = f.order_id AND s.kind = 'sale')
    ) AS orders,
    sum(units)::bigint AS units,
    sum(units_sold)::bigint AS units_sold,
    sum(units_returned)::bigint AS units_returned,
    sum(uncosted)::bigint AS uncosted,
    sum(gross)::bigint AS gross,
    sum(discounts)::bigint AS discounts,
    sum(returns)::bigint AS returns,
    sum(adjustments)::bigint AS adjustments,
    sum(net)::bigint AS net,
    sum(cost)::bigint AS cost,
    sum(costed_net)::bigint AS costed_net
FROM sales_fact f
GROUP BY 1, 2, 3, 4, 5, 6;

CREATE VIEW sales_live_channel AS
SELECT grain, start, channel_id, tier_id, status, kind, known, lines, orders, units, units_sold, units_returned, uncosted, gross, discounts, returns, adjustments, net, cost, costed_net
FROM sales_summary_channel
UNION ALL
SELECT rung.grain, date_trunc(rung.grain, change.start)::date, change.channel_id, change.tier_id, change.status, change.kind, change.known,
    change.lines, change.orders, change.units, change.units_sold, change.units_returned, change.uncosted, change.gross, change.discounts, change.returns, change.adjustments, change.net, change.cost, change.costed_net
FROM (
    WITH marked AS MATERIALIZED (SELECT day FROM sales_marked_day)
    SELECT start, channel_id, tier_id, status, kind, known,
        sum(lines)::bigint AS lines, sum(orders)::bigint AS orders, sum(units)::bigint AS units, sum(units_sold)::bigint AS units_sold, sum(units_returned)::bigint AS units_returned, sum(uncosted)::bigint AS uncosted, sum(gross)::bigint AS gross, sum(discounts)::bigint AS discounts, sum(returns)::bigint AS returns, sum(adjustments)::bigint AS adjustments, sum(net)::bigint AS net, sum(cost)::bigint AS cost, sum(costed_net)::bigint AS costed_net
    FROM (
        SELECT fresh.start, fresh.channel_id, fresh.tier_id, fresh.status, fresh.kind, fresh.known, fresh.lines, fresh.orders, fresh.units, fresh.units_sold, fresh.units_returned, fresh.uncosted, fresh.gross, fresh.discounts, fresh.returns, fresh.adjustments, fresh.net, fresh.cost, fresh.costed_net
        FROM marked CROSS JOIN LATERAL (SELECT * FROM sales_fresh_channel f WHERE f.start = marked.day) fresh
        UNION ALL
        SELECT stored.start, stored.channel_id, stored.tier_id, stored.status, stored.kind, stored.known, -stored.lines, -stored.orders, -stored.units, -stored.units_sold, -stored.units_returned, -stored.uncosted, -stored.gross, -stored.discounts, -stored.returns, -stored.adjustments, -stored.net, -stored.cost, -stored.costed_net
        FROM marked JOIN sales_summary_channel stored ON stored.grain = 'day' AND stored.start = marked.day
    ) both_sides
    GROUP BY start, channel_id, tier_id, status, kind, known
) change
CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);

-- By country
CREATE TABLE sales_summary_country (
    grain text NOT NULL,
    start date NOT NULL,
    country text NOT NULL,
    status text NOT NULL,
    kind text NOT NULL,
    known boolean NOT NULL,
    lines bigint NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    units_sold bigint NOT NULL,
    units_returned bigint NOT NULL,
    uncosted bigint NOT NULL,
    gross bigint NOT NULL,
    discounts bigint NOT NULL,
    returns bigint NOT NULL,
    adjustments bigint NOT NULL,
    net bigint NOT NULL,
    cost bigint NOT NULL,
    costed_net bigint NOT NULL,
    PRIMARY KEY (grain, start, country, status, kind, known)
);
CREATE INDEX sales_summary_country_empty ON sales_summary_country (grain) WHERE lines = 0;

CREATE VIEW sales_fresh_country AS
SELECT
    start,
    country,
    status,
    kind,
    known,
    sum(lines)::bigint AS lines,
    count(DISTINCT order_id) FILTER (
        WHERE kind = 'sale' OR kind = 'free' AND NOT EXISTS (SELECT FROM sales_orderline s WHERE s.order_id = f.order_id AND s.kind = 'sale')
    ) AS orders,
    sum(units)::bigint AS units,
    sum(units_sold)::bigint AS units_sold,
    sum(units_returned)::bigint AS units_returned,
    sum(uncosted)::bigint AS uncosted,
    sum(gross)::bigint AS gross,
    sum(discounts)::bigint AS discounts,
    sum(returns)::bigint AS returns,
    sum(adjustments)::bigint AS adjustments,
    sum(net)::bigint AS net,
    sum(cost)::bigint AS cost,
    sum(costed_net)::bigint AS costed_net
FROM sales_fact f
GROUP BY 1, 2, 3, 4, 5;

CREATE VIEW sales_live_country AS
SELECT grain, start, country, status, kind, known, lines, orders, units, units_sold, units_returned, uncosted, gross, discounts, returns, adjustments, net, cost, costed_net
FROM sales_summary_country
UNION ALL
SELECT rung.grain, date_trunc(rung.grain, change.start)::date, change.country, change.status, change.kind, change.known,
    change.lines, change.orders, change.units, change.units_sold, change.units_returned, change.uncosted, change.gross, change.discounts, change.returns, change.adjustments, change.net, change.cost, change.costed_net
FROM (
    WITH marked AS MATERIALIZED (SELECT day FROM sales_marked_day)
    SELECT start, country, status, kind, known,
        sum(lines)::bigint AS lines, sum(orders)::bigint AS orders, sum(units)::bigint AS units, sum(units_sold)::bigint AS units_sold, sum(units_returned)::bigint AS units_returned, sum(uncosted)::bigint AS uncosted, sum(gross)::bigint AS gross, sum(discounts)::bigint AS discounts, sum(returns)::bigint AS returns, sum(adjustments)::bigint AS adjustments, sum(net)::bigint AS net, sum(cost)::bigint AS cost, sum(costed_net)::bigint AS costed_net
    FROM (
        SELECT fresh.start, fresh.country, fresh.status, fresh.kind, fresh.known, fresh.lines, fresh.orders, fresh.units, fresh.units_sold, fresh.units_returned, fresh.uncosted, fresh.gross, fresh.discounts, fresh.returns, fresh.adjustments, fresh.net, fresh.cost, fresh.costed_net
        FROM marked CROSS JOIN LATERAL (SELECT * FROM sales_fresh_country f WHERE f.start = marked.day) fresh
        UNION ALL
        SELECT stored.start, stored.country, stored.status, stored.kind, stored.known, -stored.lines, -stored.orders, -stored.units, -stored.units_sold, -stored.units_returned, -stored.uncosted, -stored.gross, -stored.discounts, -stored.returns, -stored.adjustments, -stored.net, -stored.cost, -stored.costed_net
        FROM marked JOIN sales_summary_country stored ON stored.grain = 'day' AND stored.start = marked.day
    ) both_sides
    GROUP BY start, country, status, kind, known
) change
CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);

-- By salesperson
CREATE TABLE sales_summary_salesperson (
    grain text NOT NULL,
    start date NOT NULL,
    salesperson_id bigint NOT NULL,
    status text NOT NULL,
    kind text NOT NULL,
    known boolean NOT NULL,
    lines bigint NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    units_sold bigint NOT NULL,
    units_returned bigint NOT NULL,
    uncosted bigint NOT NULL,
    gross bigint NOT NULL,
    discounts bigint NOT NULL,
    returns bigint NOT NULL,
    adjustments bigint NOT NULL,
    net bigint NOT NULL,
    cost bigint NOT NULL,
    costed_net bigint NOT NULL,
    PRIMARY KEY (grain, start, salesperson_id, status, kind, known)
);
CREATE INDEX sales_summary_salesperson_empty ON sales_summary_salesperson (grain) WHERE lines = 0;

CREATE VIEW sales_fresh_salesperson AS
SELECT
    start,
    coalesce(salesperson_id, 0) AS salesperson_id,
    status,
    kind,
    known,
    sum(lines)::bigint AS lines,
    count(DISTINCT order_id) FILTER (
        WHERE kind = 'sale' OR kind = 'free' AND NOT EXISTS (SELECT FROM sales_orderline s WHERE s.order_id = f.order_id AND s.kind = 'sale')
    ) AS orders,
    sum(units)::bigint AS units,
    sum(units_sold)::bigint AS units_sold,
    sum(units_returned)::bigint AS units_returned,
    sum(uncosted)::bigint AS uncosted,
    sum(gross)::bigint AS gross,
    sum(discounts)::bigint AS discounts,
    sum(returns)::bigint AS returns,
    sum(adjustments)::bigint AS adjustments,
    sum(net)::bigint AS net,
    sum(cost)::bigint AS cost,
    sum(costed_net)::bigint AS costed_net
FROM sales_fact f
GROUP BY 1, 2, 3, 4, 5;

CREATE VIEW sales_live_salesperson AS
SELECT grain, start, salesperson_id, status, kind, known, lines, orders, units, units_sold, units_returned, uncosted, gross, discounts, returns, adjustments, net, cost, costed_net
FROM sales_summary_salesperson
UNION ALL
SELECT rung.grain, date_trunc(rung.grain, change.start)::date, change.salesperson_id, change.status, change.kind, change.known,
    change.lines, change.orders, change.units, change.units_sold, change.units_returned, change.uncosted, change.gross, change.discounts, change.returns, change.adjustments, change.net, change.cost, change.costed_net
FROM (
    WITH marked AS MATERIALIZED (SELECT day FROM sales_marked_day)
    SELECT start, salesperson_id, status, kind, known,
        sum(lines)::bigint AS lines, sum(orders)::bigint AS orders, sum(units)::bigint AS units, sum(units_sold)::bigint AS units_sold, sum(units_returned)::bigint AS units_returned, sum(uncosted)::bigint AS uncosted, sum(gross)::bigint AS gross, sum(discounts)::bigint AS discounts, sum(returns)::bigint AS returns, sum(adjustments)::bigint AS adjustments, sum(net)::bigint AS net, sum(cost)::bigint AS cost, sum(costed_net)::bigint AS costed_net
    FROM (
        SELECT fresh.start, fresh.salesperson_id, fresh.status, fresh.kind, fresh.known, fresh.lines, fresh.orders, fresh.units, fresh.units_sold, fresh.units_returned, fresh.uncosted, fresh.gross, fresh.discounts, fresh.returns, fresh.adjustments, fresh.net, fresh.cost, fresh.costed_net
        FROM marked CROSS JOIN LATERAL (SELECT * FROM sales_fresh_salesperson f WHERE f.start = marked.day) fresh
        UNION ALL
        SELECT stored.start, stored.salesperson_id, stored.status, stored.kind, stored.known, -stored.lines, -stored.orders, -stored.units, -stored.units_sold, -stored.units_returned, -stored.uncosted, -stored.gross, -stored.discounts, -stored.returns, -stored.adjustments, -stored.net, -stored.cost, -stored.costed_net
        FROM marked JOIN sales_summary_salesperson stored ON stored.grain = 'day' AND stored.start = marked.day
    ) both_sides
    GROUP BY start, salesperson_id, status, kind, known
) change
CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);

-- By hour
CREATE TABLE sales_summary_hour (
    grain text NOT NULL,
    start date NOT NULL,
    hour smallint NOT NULL,
    status text NOT NULL,
    kind text NOT NULL,
    known boolean NOT NULL,
    lines bigint NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    units_sold bigint NOT NULL,
    units_returned bigint NOT NULL,
    uncosted bigint NOT NULL,
    gross bigint NOT NULL,
    discounts bigint NOT NULL,
    returns bigint NOT NULL,
    adjustments bigint NOT NULL,
    net bigint NOT NULL,
    cost bigint NOT NULL,
    costed_net bigint NOT NULL,
    PRIMARY KEY (grain, start, hour, status, kind, known)
);
CREATE INDEX sales_summary_hour_empty ON sales_summary_hour (grain) WHERE lines = 0;

CREATE VIEW sales_fresh_hour AS
SELECT
    start,
    hour,
    status,
    kind,
    known,
    sum(lines)::bigint AS lines,
    count(DISTINCT order_id) FILTER (
        WHERE kind = 'sale' OR kind = 'free' AND NOT EXISTS (SELECT FROM sales_orderline s WHERE s.order_id = f.order_id AND s.kind = 'sale')
    ) AS orders,
    sum(units)::bigint AS units,
    sum(units_sold)::bigint AS units_sold,
    sum(units_returned)::bigint AS units_returned,
    sum(uncosted)::bigint AS uncosted,
    sum(gross)::bigint AS gross,
    sum(discounts)::bigint AS discounts,
    sum(returns)::bigint AS returns,
    sum(adjustments)::bigint AS adjustments,
    sum(net)::bigint AS net,
    sum(cost)::bigint AS cost,
    sum(costed_net)::bigint AS costed_net
FROM sales_fact f
GROUP BY 1, 2, 3, 4, 5;

CREATE VIEW sales_live_hour AS
SELECT grain, start, hour, status, kind, known, lines, orders, units, units_sold, units_returned, uncosted, gross, discounts, returns, adjustments, net, cost, costed_net
FROM sales_summary_hour
UNION ALL
SELECT rung.grain, date_trunc(rung.grain, change.start)::date, change.hour, change.status, change.kind, change.known,
    change.lines, change.orders, change.units, change.units_sold, change.units_returned, change.uncosted, change.gross, change.discounts, change.returns, change.adjustments, change.net, change.cost, change.costed_net
FROM (
    WITH marked AS MATERIALIZED (SELECT day FROM sales_marked_day)
    SELECT start, hour, status, kind, known,
        sum(lines)::bigint AS lines, sum(orders)::bigint AS orders, sum(units)::bigint AS units, sum(units_sold)::bigint AS units_sold, sum(units_returned)::bigint AS units_returned, sum(uncosted)::bigint AS uncosted, sum(gross)::bigint AS gross, sum(discounts)::bigint AS discounts, sum(returns)::bigint AS returns, sum(adjustments)::bigint AS adjustments, sum(net)::bigint AS net, sum(cost)::bigint AS cost, sum(costed_net)::bigint AS costed_net
    FROM (
        SELECT fresh.start, fresh.hour, fresh.status, fresh.kind, fresh.known, fresh.lines, fresh.orders, fresh.units, fresh.units_sold, fresh.units_returned, fresh.uncosted, fresh.gross, fresh.discounts, fresh.returns, fresh.adjustments, fresh.net, fresh.cost, fresh.costed_net
        FROM marked CROSS JOIN LATERAL (SELECT * FROM sales_fresh_hour f WHERE f.start = marked.day) fresh
        UNION ALL
        SELECT stored.start, stored.hour, stored.status, stored.kind, stored.known, -stored.lines, -stored.orders, -stored.units, -stored.units_sold, -stored.units_returned, -stored.uncosted, -stored.gross, -stored.discounts, -stored.returns, -stored.adjustments, -stored.net, -stored.cost, -stored.costed_net
        FROM marked JOIN sales_summary_hour stored ON stored.grain = 'day' AND stored.start = marked.day
    ) both_sides
    GROUP BY start, hour, status, kind, known
) change
CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);

-- By category
CREATE TABLE sales_summary_category (
    grain text NOT NULL,
    start date NOT NULL,
    category_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    tier_id bigint NOT NULL,
    lines bigint NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    units_sold bigint NOT NULL,
    units_returned bigint NOT NULL,
    uncosted bigint NOT NULL,
    gross bigint NOT NULL,
    discounts bigint NOT NULL,
    returns bigint NOT NULL,
    adjustments bigint NOT NULL,
    net bigint NOT NULL,
    cost bigint NOT NULL,
    costed_net bigint NOT NULL,
    PRIMARY KEY (grain, start, category_id, channel_id, tier_id)
);
CREATE INDEX sales_summary_category_empty ON sales_summary_category (grain) WHERE lines = 0;

CREATE VIEW sales_fresh_category AS
SELECT
    start,
    coalesce(category_id, 0) AS category_id,
    coalesce(channel_id, 0) AS channel_id,
    coalesce(tier_id, 0) AS tier_id,
    sum(lines)::bigint AS lines,
    count(DISTINCT order_id) FILTER (WHERE kind IN ('sale', 'free')) AS orders,
    sum(units)::bigint AS units,
    sum(units_sold)::bigint AS units_sold,
    sum(units_returned)::bigint AS units_returned,
    sum(uncosted)::bigint AS uncosted,
    sum(gross)::bigint AS gross,
    sum(discounts)::bigint AS discounts,
    sum(returns)::bigint AS returns,
    sum(adjustments)::bigint AS adjustments,
    sum(net)::bigint AS net,
    sum(cost)::bigint AS cost,
    sum(costed_net)::bigint AS costed_net
FROM sales_fact f
WHERE status NOT IN ('cancelled', 'test')
GROUP BY 1, 2, 3, 4;

CREATE VIEW sales_live_category AS
SELECT grain, start, category_id, channel_id, tier_id, lines, orders, units, units_sold, units_returned, uncosted, gross, discounts, returns, adjustments, net, cost, costed_net
FROM sales_summary_category
UNION ALL
SELECT rung.grain, date_trunc(rung.grain, change.start)::date, change.category_id, change.channel_id, change.tier_id,
    change.lines, change.orders, change.units, change.units_sold, change.units_returned, change.uncosted, change.gross, change.discounts, change.returns, change.adjustments, change.net, change.cost, change.costed_net
FROM (
    WITH marked AS MATERIALIZED (SELECT day FROM sales_marked_day)
    SELECT start, category_id, channel_id, tier_id,
        sum(lines)::bigint AS lines, sum(orders)::bigint AS orders, sum(units)::bigint AS units, sum(units_sold)::bigint AS units_sold, sum(units_returned)::bigint AS units_returned, sum(uncosted)::bigint AS uncosted, sum(gross)::bigint AS gross, sum(discounts)::bigint AS discounts, sum(returns)::bigint AS returns, sum(adjustments)::bigint AS adjustments, sum(net)::bigint AS net, sum(cost)::bigint AS cost, sum(costed_net)::bigint AS costed_net
    FROM (
        SELECT fresh.start, fresh.category_id, fresh.channel_id, fresh.tier_id, fresh.lines, fresh.orders, fresh.units, fresh.units_sold, fresh.units_returned, fresh.uncosted, fresh.gross, fresh.discounts, fresh.returns, fresh.adjustments, fresh.net, fresh.cost, fresh.costed_net
        FROM marked CROSS JOIN LATERAL (SELECT * FROM sales_fresh_category f WHERE f.start = marked.day) fresh
        UNION ALL
        SELECT stored.start, stored.category_id, stored.channel_id, stored.tier_id, -stored.lines, -stored.orders, -stored.units, -stored.units_sold, -stored.units_returned, -stored.uncosted, -stored.gross, -stored.discounts, -stored.returns, -stored.adjustments, -stored.net, -stored.cost, -stored.costed_net
        FROM marked JOIN sales_summary_category stored ON stored.grain = 'day' AND stored.start = marked.day
    ) both_sides
    GROUP BY start, category_id, channel_id, tier_id
) change
CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);

-- By product
CREATE TABLE sales_summary_product (
    grain text NOT NULL,
    start date NOT NULL,
    product_id bigint NOT NULL,
    lines bigint NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    units_sold bigint NOT NULL,
    units_returned bigint NOT NULL,
    uncosted bigint NOT NULL,
    gross bigint NOT NULL,
    discounts bigint NOT NULL,
    returns bigint NOT NULL,
    adjustments bigint NOT NULL,
    net bigint NOT NULL,
    cost bigint NOT NULL,
    costed_net bigint NOT NULL,
    PRIMARY KEY (grain, start, product_id)
);
CREATE INDEX sales_summary_product_empty ON sales_summary_product (grain) WHERE lines = 0;
CREATE INDEX sales_summary_product_key ON sales_summary_product (product_id, grain, start);

CREATE VIEW sales_fresh_product AS
SELECT
    start,
    product_id,
    sum(lines)::bigint AS lines,
    count(DISTINCT order_id) FILTER (WHERE kind IN ('sale', 'free')) AS orders,
    sum(units)::bigint AS units,
    sum(units_sold)::bigint AS units_sold,
    sum(units_returned)::bigint AS units_returned,
    sum(uncosted)::bigint AS uncosted,
    sum(gross)::bigint AS gross,
    sum(discounts)::bigint AS discounts,
    sum(returns)::bigint AS returns,
    sum(adjustments)::bigint AS adjustments,
    sum(net)::bigint AS net,
    sum(cost)::bigint AS cost,
    sum(costed_net)::bigint AS costed_net
FROM sales_fact f
WHERE status NOT IN ('cancelled', 'test')
GROUP BY 1, 2;

CREATE VIEW sales_live_product AS
SELECT grain, start, product_id, lines, orders, units, units_sold, units_returned, uncosted, gross, discounts, returns, adjustments, net, cost, costed_net
FROM sales_summary_product
UNION ALL
SELECT rung.grain, date_trunc(rung.grain, change.start)::date, change.product_id,
    change.lines, change.orders, change.units, change.units_sold, change.units_returned, change.uncosted, change.gross, change.discounts, change.returns, change.adjustments, change.net, change.cost, change.costed_net
FROM (
    WITH marked AS MATERIALIZED (SELECT day FROM sales_marked_day)
    SELECT start, product_id,
        sum(lines)::bigint AS lines, sum(orders)::bigint AS orders, sum(units)::bigint AS units, sum(units_sold)::bigint AS units_sold, sum(units_returned)::bigint AS units_returned, sum(uncosted)::bigint AS uncosted, sum(gross)::bigint AS gross, sum(discounts)::bigint AS discounts, sum(returns)::bigint AS returns, sum(adjustments)::bigint AS adjustments, sum(net)::bigint AS net, sum(cost)::bigint AS cost, sum(costed_net)::bigint AS costed_net
    FROM (
        SELECT fresh.start, fresh.product_id, fresh.lines, fresh.orders, fresh.units, fresh.units_sold, fresh.units_returned, fresh.uncosted, fresh.gross, fresh.discounts, fresh.returns, fresh.adjustments, fresh.net, fresh.cost, fresh.costed_net
        FROM marked CROSS JOIN LATERAL (SELECT * FROM sales_fresh_product f WHERE f.start = marked.day) fresh
        UNION ALL
        SELECT stored.start, stored.product_id, -stored.lines, -stored.orders, -stored.units, -stored.units_sold, -stored.units_returned, -stored.uncosted, -stored.gross, -stored.discounts, -stored.returns, -stored.adjustments, -stored.net, -stored.cost, -stored.costed_net
        FROM marked JOIN sales_summary_product stored ON stored.grain = 'day' AND stored.start = marked.day
    ) both_sides
    GROUP BY start, product_id
) change
CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);

-- By customer
CREATE TABLE sales_summary_customer (
    grain text NOT NULL,
    start date NOT NULL,
    customer_id bigint NOT NULL,
    lines bigint NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    units_sold bigint NOT NULL,
    units_returned bigint NOT NULL,
    uncosted bigint NOT NULL,
    gross bigint NOT NULL,
    discounts bigint NOT NULL,
    returns bigint NOT NULL,
    adjustments bigint NOT NULL,
    net bigint NOT NULL,
    cost bigint NOT NULL,
    costed_net bigint NOT NULL,
    PRIMARY KEY (grain, start, customer_id)
);
CREATE INDEX sales_summary_customer_empty ON sales_summary_customer (grain) WHERE lines = 0;
CREATE INDEX sales_summary_customer_key ON sales_summary_customer (customer_id, grain, start);

CREATE VIEW sales_fresh_customer AS
SELECT
    start,
    coalesce(customer_id, 0) AS customer_id,
    sum(lines)::bigint AS lines,
    count(DISTINCT order_id) FILTER (WHERE kind IN ('sale', 'free')) AS orders,
    sum(units)::bigint AS units,
    sum(units_sold)::bigint AS units_sold,
    sum(units_returned)::bigint AS units_returned,
    sum(uncosted)::bigint AS uncosted,
    sum(gross)::bigint AS gross,
    sum(discounts)::bigint AS discounts,
    sum(returns)::bigint AS returns,
    sum(adjustments)::bigint AS adjustments,
    sum(net)::bigint AS net,
    sum(cost)::bigint AS cost,
    sum(costed_net)::bigint AS costed_net
FROM sales_fact f
WHERE status NOT IN ('cancelled', 'test')
GROUP BY 1, 2;

CREATE VIEW sales_live_customer AS
SELECT grain, start, customer_id, lines, orders, units, units_sold, units_returned, uncosted, gross, discounts, returns, adjustments, net, cost, costed_net
FROM sales_summary_customer
UNION ALL
SELECT rung.grain, date_trunc(rung.grain, change.start)::date, change.customer_id,
    change.lines, change.orders, change.units, change.units_sold, change.units_returned, change.uncosted, change.gross, change.discounts, change.returns, change.adjustments, change.net, change.cost, change.costed_net
FROM (
    WITH marked AS MATERIALIZED (SELECT day FROM sales_marked_day)
    SELECT start, customer_id,
        sum(lines)::bigint AS lines, sum(orders)::bigint AS orders, sum(units)::bigint AS units, sum(units_sold)::bigint AS units_sold, sum(units_returned)::bigint AS units_returned, sum(uncosted)::bigint AS uncosted, sum(gross)::bigint AS gross, sum(discounts)::bigint AS discounts, sum(returns)::bigint AS returns, sum(adjustments)::bigint AS adjustments, sum(net)::bigint AS net, sum(cost)::bigint AS cost, sum(costed_net)::bigint AS costed_net
    FROM (
        SELECT fresh.start, fresh.customer_id, fresh.lines, fresh.orders, fresh.units, fresh.units_sold, fresh.units_returned, fresh.uncosted, fresh.gross, fresh.discounts, fresh.returns, fresh.adjustments, fresh.net, fresh.cost, fresh.costed_net
        FROM marked CROSS JOIN LATERAL (SELECT * FROM sales_fresh_customer f WHERE f.start = marked.day) fresh
        UNION ALL
        SELECT stored.start, stored.customer_id, -stored.lines, -stored.orders, -stored.units, -stored.units_sold, -stored.units_returned, -stored.uncosted, -stored.gross, -stored.discounts, -stored.returns, -stored.adjustments, -stored.net, -stored.cost, -stored.costed_net
        FROM marked JOIN sales_summary_customer stored ON stored.grain = 'day' AND stored.start = marked.day
    ) both_sides
    GROUP BY start, customer_id
) change
CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);

-- Marks. A line marks its order, whose day is looked up when the mark is taken: the order may be moved to another day meanwhile.
CREATE FUNCTION sales_mark_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO sales_summarymark (order_id) SELECT DISTINCT order_id FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO sales_summarymark (order_id) SELECT DISTINCT order_id FROM old_rows;
    ELSE
        INSERT INTO sales_summarymark (order_id)
        SELECT DISTINCT order_id FROM (
            (SELECT id, order_id, product_id, quantity, unit_price, discount_amount, coupon_share, unit_cost FROM old_rows
            EXCEPT SELECT id, order_id, product_id, quantity, unit_price, discount_amount, coupon_share, unit_cost FROM new_rows)
            UNION ALL
            (SELECT id, order_id, product_id, quantity, unit_price, discount_amount, coupon_share, unit_cost FROM new_rows
            EXCEPT SELECT id, order_id, product_id, quantity, unit_price, discount_amount, coupon_share, unit_cost FROM old_rows)
        ) changed;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER sales_line_inserted AFTER INSERT ON sales_orderline
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION sales_mark_lines();
CREATE TRIGGER sales_line_updated AFTER UPDATE ON sales_orderline
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION sales_mark_lines();
CREATE TRIGGER sales_line_deleted AFTER DELETE ON sales_orderline
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION sales_mark_lines();

-- An order marks the day it was on and the day it is on. A new order says nothing before it has lines.
CREATE FUNCTION sales_mark_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO sales_summarymark (day) SELECT DISTINCT placed_on FROM old_rows;
    ELSE
        INSERT INTO sales_summarymark (day)
        SELECT DISTINCT placed_on FROM (
            (SELECT id, placed_on, placed_at, customer_id, channel_id, salesperson_id, tier_id, status, country FROM old_rows
            EXCEPT SELECT id, placed_on, placed_at, customer_id, channel_id, salesperson_id, tier_id, status, country FROM new_rows)
            UNION ALL
            (SELECT id, placed_on, placed_at, customer_id, channel_id, salesperson_id, tier_id, status, country FROM new_rows
            EXCEPT SELECT id, placed_on, placed_at, customer_id, channel_id, salesperson_id, tier_id, status, country FROM old_rows)
        ) changed;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER sales_order_updated AFTER UPDATE ON sales_order
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION sales_mark_orders();
CREATE TRIGGER sales_order_deleted AFTER DELETE ON sales_order
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION sales_mark_orders();

-- A product moved to another category marks every day it was sold on.
CREATE FUNCTION sales_mark_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sales_summarymark (day)
    SELECT DISTINCT o.placed_on
    FROM old_rows
    JOIN new_rows ON new_rows.id = old_rows.id AND new_rows.category_id IS DISTINCT FROM old_rows.category_id
    JOIN sales_orderline l ON l.product_id = new_rows.id
    JOIN sales_order o ON o.id = l.order_id;
    RETURN NULL;
END $$;
CREATE TRIGGER sales_product_updated AFTER UPDATE ON sales_product
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION sales_mark_products();

-- Without lines there is nothing to sum.
CREATE FUNCTION sales_empty_summaries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE sales_summary_channel, sales_summary_country, sales_summary_salesperson, sales_summary_hour, sales_summary_category, sales_summary_product, sales_summary_customer;
    RETURN NULL;
END $$;
CREATE TRIGGER sales_line_truncated AFTER TRUNCATE ON sales_orderline FOR EACH STATEMENT EXECUTE FUNCTION sales_empty_summaries();
