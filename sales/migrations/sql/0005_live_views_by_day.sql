-- A day that is marked is read from its own order lines, by index: OFFSET 0 keeps the planner from joining all of them first.

CREATE OR REPLACE VIEW sales_live_channel AS
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
        FROM marked CROSS JOIN LATERAL (SELECT * FROM sales_fresh_channel f WHERE f.start = marked.day OFFSET 0) fresh
        UNION ALL
        SELECT stored.start, stored.channel_id, stored.tier_id, stored.status, stored.kind, stored.known, -stored.lines, -stored.orders, -stored.units, -stored.units_sold, -stored.units_returned, -stored.uncosted, -stored.gross, -stored.discounts, -stored.returns, -stored.adjustments, -stored.net, -stored.cost, -stored.costed_net
        FROM marked JOIN sales_summary_channel stored ON stored.grain = 'day' AND stored.start = marked.day
    ) both_sides
    GROUP BY start, channel_id, tier_id, status, kind, known
) change
CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);

CREATE OR REPLACE VIEW sales_live_country AS
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
        FROM marked CROSS JOIN LATERAL (SELECT * FROM sales_fresh_country f WHERE f.start = marked.day OFFSET 0) fresh
        UNION ALL
        SELECT stored.start, stored.country, stored.status, stored.kind, stored.known, -stored.lines, -stored.orders, -stored.units, -stored.units_sold, -stored.units_returned, -stored.uncosted, -stored.gross, -stored.discounts, -stored.returns, -stored.adjustments, -stored.net, -stored.cost, -stored.costed_net
        FROM marked JOIN sales_summary_country stored ON stored.grain = 'day' AND stored.start = marked.day
    ) both_sides
    GROUP BY start, country, status, kind, known
) change
CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);

CREATE OR REPLACE VIEW sales_live_salesperson AS
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
        FROM marked CROSS JOIN LATERAL (SELECT * FROM sales_fresh_salesperson f WHERE f.start = marked.day OFFSET 0) fresh
        UNION ALL
        SELECT stored.start, stored.salesperson_id, stored.status, stored.kind, stored.known, -stored.lines, -stored.orders, -stored.units, -stored.units_sold, -stored.units_returned, -stored.uncosted, -stored.gross, -stored.discounts, -stored.returns, -stored.adjustments, -stored.net, -stored.cost, -stored.costed_net
        FROM marked JOIN sales_summary_salesperson stored ON stored.grain = 'day' AND stored.start = marked.day
    ) both_sides
    GROUP BY start, salesperson_id, status, kind, known
) change
CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);

CREATE OR REPLACE VIEW sales_live_hour AS
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
        FROM marked CROSS JOIN LATERAL (SELECT * FROM sales_fresh_hour f WHERE f.start = marked.day OFFSET 0) fresh
        UNION ALL
        SELECT stored.start, stored.hour, stored.status, stored.kind, stored.known, -stored.lines, -stored.orders, -stored.units, -stored.units_sold, -stored.units_returned, -stored.uncosted, -stored.gross, -stored.discounts, -stored.returns, -stored.adjustments, -stored.net, -stored.cost, -stored.costed_net
        FROM marked JOIN sales_summary_hour stored ON stored.grain = 'day' AND stored.start = marked.day
    ) both_sides
    GROUP BY start, hour, status, kind, known
) change
CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);

CREATE OR REPLACE VIEW sales_live_category AS
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
        FROM marked CROSS JOIN LATERAL (SELECT * FROM sales_fresh_category f WHERE f.start = marked.day OFFSET 0) fresh
        UNION ALL
        SELECT stored.start, stored.category_id, stored.channel_id, stored.tier_id, -stored.lines, -stored.orders, -stored.units, -stored.units_sold, -stored.units_returned, -stored.uncosted, -stored.gross, -stored.discounts, -stored.returns, -stored.adjustments, -stored.net, -stored.cost, -stored.costed_net
        FROM marked JOIN sales_summary_category stored ON stored.grain = 'day' AND stored.start = marked.day
    ) both_sides
    GROUP BY start, category_id, channel_id, tier_id
) change
CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);

CREATE OR REPLACE VIEW sales_live_product AS
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
        FROM marked CROSS JOIN LATERAL (SELECT * FROM sales_fresh_product f WHERE f.start = marked.day OFFSET 0) fresh
        UNION ALL
        SELECT stored.start, stored.product_id, -stored.lines, -stored.orders, -stored.units, -stored.units_sold, -stored.units_returned, -stored.uncosted, -stored.gross, -stored.discounts, -stored.returns, -stored.adjustments, -stored.net, -stored.cost, -stored.costed_net
        FROM marked JOIN sales_summary_product stored ON stored.grain = 'day' AND stored.start = marked.day
    ) both_sides
    GROUP BY start, product_id
) change
CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);

CREATE OR REPLACE VIEW sales_live_customer AS
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
        FROM marked CROSS JOIN LATERAL (SELECT * FROM sales_fresh_customer f WHERE f.start = marked.day OFFSET 0) fresh
        UNION ALL
        SELECT stored.start, stored.customer_id, -stored.lines, -stored.orders, -stored.units, -stored.units_sold, -stored.units_returned, -stored.uncosted, -stored.gross, -stored.discounts, -stored.returns, -stored.adjustments, -stored.net, -stored.cost, -stored.costed_net
        FROM marked JOIN sales_summary_customer stored ON stored.grain = 'day' AND stored.start = marked.day
    ) both_sides
    GROUP BY start, customer_id
) change
CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);
