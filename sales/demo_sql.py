"""The set-based half of the sample company: SQL that turns months of products and days of orders into facts.

Every choice is `chance(what, number)`: a hash of the seed, the choice and the row, between 0 and 1. It does not depend on the plan
or the order of rows, so the same seed gives the same company on every machine.
"""

FUNCTIONS = """
CREATE OR REPLACE FUNCTION pg_temp.chance(what text, number bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(number, hashtextextended(what, %(seed)s)) & 9007199254740991)::float8 / 9007199254740992
"""

TABLES = """
CREATE TEMP TABLE demo_month (product_id bigint, month int, price numeric, cost numeric, weight float8) ON COMMIT DROP;
CREATE TEMP TABLE demo_day (day date, month int, first bigint, orders int) ON COMMIT DROP
"""

# A product's share of a month as that many of the month's slots: drawing a slot draws a product, by one equality join.
SLOTS = """
CREATE TEMP TABLE demo_slot ON COMMIT DROP AS
SELECT month, slot, product_id
FROM (
    SELECT month, product_id,
        floor((sum(weight) OVER running - weight) / sum(weight) OVER whole * %(slots)s)::int AS low,
        floor(sum(weight) OVER running / sum(weight) OVER whole * %(slots)s)::int AS high
    FROM demo_month
    WHERE weight > 0
    WINDOW whole AS (PARTITION BY month), running AS (PARTITION BY month ORDER BY product_id)
) AS share
CROSS JOIN LATERAL generate_series(low, high - 1) AS slot
"""

# The first 30 % were customers from the start, the others joined one by one; the last 5 % never ordered.
CUSTOMERS = """
INSERT INTO sales_customer (key, name, email, city, country, tier_id, created_at)
SELECT
    'C' || lpad(n::text, 6, '0'),
    person.first || ' ' || person.last,
    lower(person.first || '.' || replace(person.last, '-', '')) || n || '@example.com',
    (%(cities)s::text[])[place],
    (%(countries)s::text[])[place],
    CASE WHEN pg_temp.chance('tier by hand', n) < 0.015 THEN (SELECT id FROM sales_tier WHERE name = 'Gold') END,
    (%(first_day)s::date + greatest(-200 * pg_temp.chance('joined', n), (n::float8 / %(customers)s - 0.3) / 0.65 * (%(days)s - 40))::int)
        + interval '7 hours'
FROM generate_series(1, %(customers)s) AS n
CROSS JOIN LATERAL (SELECT 1 + floor(pg_temp.chance('place', n) * cardinality(%(cities)s::text[]))::int AS place) AS home
CROSS JOIN LATERAL (
    SELECT (%(first_names)s::text[])[1 + floor(pg_temp.chance('first name', n) * cardinality(%(first_names)s::text[]))::int] AS first,
        (%(last_names)s::text[])[1 + floor(pg_temp.chance('last name', n) * cardinality(%(last_names)s::text[]))::int] AS last
) AS person
"""

CUSTOMER_NUMBERS = """
CREATE TEMP TABLE demo_customer ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY key) AS n, id, country, tier_id FROM sales_customer
"""

# Within a day orders come in the order of their numbers, most around midday. A third of them are regulars'.
ORDERS = """
CREATE TEMP TABLE demo_order ON COMMIT DROP AS
SELECT
    drawn.i, drawn.month, drawn.day, drawn.placed_at, customer.id AS customer_id, customer.tier_id AS fixed_tier,
    coalesce(customer.country, %(home)s) AS country,
    CASE
        WHEN customer.id IS NULL THEN 'Store'
        WHEN pg_temp.chance('channel', i) < 0.58 THEN 'Web shop'
        WHEN pg_temp.chance('channel', i) < 0.82 THEN 'Store'
        WHEN pg_temp.chance('channel', i) < 0.90 THEN 'Phone'
        ELSE 'Marketplace'
    END AS channel,
    CASE
        WHEN pg_temp.chance('status', i) < 0.028 THEN 'cancelled'
        WHEN pg_temp.chance('status', i) < 0.0292 THEN 'test'
        WHEN drawn.day > %(today)s::date - 2 THEN CASE WHEN pg_temp.chance('payment', i) < 0.3 THEN 'placed' ELSE 'paid' END
        WHEN drawn.day > %(today)s::date - 8 THEN CASE WHEN pg_temp.chance('payment', i) < 0.2 THEN 'paid' ELSE 'shipped' END
        ELSE 'completed'
    END AS status,
    CASE
        WHEN pg_temp.chance('lines', i) < (%(odds)s::float8[])[1] THEN 1
        WHEN pg_temp.chance('lines', i) < (%(odds)s::float8[])[2] THEN 2
        WHEN pg_temp.chance('lines', i) < (%(odds)s::float8[])[3] THEN 3
        ELSE 4
    END AS lines
FROM (
    SELECT day.first + n AS i, day.month, day.day,
        (day.day + make_interval(secs => 3600 * (7.5 + 14 * (0.45 * x + 0.55 * (4 * power(x - 0.5, 3) + 0.5))))) AT TIME ZONE %(zone)s AS placed_at,
        CASE
            WHEN pg_temp.chance('anonymous', day.first + n) < 0.1 THEN NULL
            WHEN pg_temp.chance('regular', day.first + n) < 0.3
                THEN 1 + floor(pg_temp.chance('customer', day.first + n) * %(customers)s * 0.08)::bigint
            ELSE 1 + floor(
                (1 - power(pg_temp.chance('customer', day.first + n), 1.8))
                * %(customers)s * (0.3 + 0.65 * (day.day - %(first_day)s::date) / %(days)s::float8)
            )::bigint
        END AS customer
    FROM demo_day AS day
    CROSS JOIN LATERAL generate_series(1, day.orders) AS n
    CROSS JOIN LATERAL (SELECT (n - pg_temp.chance('moment', day.first + n)) / day.orders AS x) AS quantile
) AS drawn
LEFT JOIN demo_customer AS customer ON customer.n = drawn.customer
WHERE drawn.placed_at <= %(now)s
"""

# In the last week of November more lines are discounted.
LINES = """
CREATE TEMP TABLE demo_line ON COMMIT DROP AS
SELECT i, position, product_id, quantity, price, cost,
    round(quantity * price * CASE
        WHEN pg_temp.chance('discount', i * 8 + position) < CASE WHEN to_char(day, 'MMDD') BETWEEN '1124' AND '1130' THEN 0.5 ELSE 0.09 END
            THEN (ARRAY[0.05, 0.10, 0.15])[1 + floor(pg_temp.chance('rate', i * 8 + position) * 3)::int]
        ELSE 0
    END, 2) AS discount
FROM (
    SELECT o.i, o.day, position, slot.product_id, month.price, month.cost,
        CASE
            WHEN month.price > 200 THEN CASE WHEN pg_temp.chance('quantity', o.i * 8 + position) < 0.04 THEN 2 ELSE 1 END
            WHEN month.price > 50 THEN 1 + floor(power(pg_temp.chance('quantity', o.i * 8 + position), 2) * 2.4)::int
            ELSE 1 + floor(power(pg_temp.chance('quantity', o.i * 8 + position), 2) * 5)::int
        END AS quantity
    FROM demo_order AS o
    CROSS JOIN LATERAL generate_series(1, o.lines) AS position
    JOIN demo_slot AS slot ON slot.month = o.month AND slot.slot = floor(pg_temp.chance('product', o.i * 8 + position) * %(slots)s)::int
    JOIN demo_month AS month ON month.month = slot.month AND month.product_id = slot.product_id
) AS drawn
"""

INDEX = "CREATE INDEX ON demo_line (i); ANALYZE demo_order; ANALYZE demo_line"

# A coupon takes 10 %, at most 60.00; its shares are whole cents by largest remainder, so that they sum to it.
COUPONS = """
CREATE TEMP TABLE demo_share ON COMMIT DROP AS
SELECT i, position,
    whole + (row_number() OVER (PARTITION BY i ORDER BY cents - whole DESC, position) <= coupon - sum(whole) OVER (PARTITION BY i))::int AS cents
FROM (
    SELECT i, position, coupon, coupon * net / total AS cents, floor(coupon * net / total) AS whole
    FROM (
        SELECT i, position, net, total, least(round(total * 10), 6000) AS coupon
        FROM (
            SELECT i, position, quantity * price - discount AS net, sum(quantity * price - discount) OVER (PARTITION BY i) AS total
            FROM demo_line
            WHERE pg_temp.chance('coupon', i) < 0.06
        ) AS line
    ) AS share
) AS part
"""

NETS = "CREATE TEMP TABLE demo_net ON COMMIT DROP AS SELECT i, sum(quantity * price - discount) AS net FROM demo_line GROUP BY i"

# The tier that the customer had at that moment: by hand, else by the spend of the 365 days before. The order itself is taken off
# afterwards: a frame that excludes it would be summed anew for each row.
TIERS = """
CREATE TEMP TABLE demo_tier ON COMMIT DROP AS
SELECT i, coalesce(fixed_tier, (SELECT id FROM sales_tier WHERE min_spend <= greatest(spent, 0) ORDER BY min_spend DESC LIMIT 1)) AS tier_id
FROM (
    SELECT i, fixed_tier, sum(counted) OVER (
        PARTITION BY customer_id ORDER BY placed_at RANGE BETWEEN interval '365 days' PRECEDING AND CURRENT ROW
    ) - counted AS spent
    FROM (
        SELECT o.i, o.customer_id, o.fixed_tier, o.placed_at, CASE WHEN o.status NOT IN ('cancelled', 'test') THEN total.net ELSE 0 END AS counted
        FROM demo_order AS o
        JOIN demo_net AS total USING (i)
        WHERE o.customer_id IS NOT NULL
    ) AS worth
) AS o
"""

INSERT_ORDERS = """
INSERT INTO sales_order (id, number, placed_at, customer_id, channel_id, salesperson_id, tier_id, status, country, shipping, coupon)
SELECT o.i, 'SO-' || 100000 + o.i, o.placed_at, o.customer_id, channel.id,
    CASE WHEN o.channel IN ('Store', 'Phone') THEN people.ids[1 + floor(pg_temp.chance('salesperson', o.i) * cardinality(people.ids))::int] END,
    tier.tier_id, o.status, o.country,
    CASE WHEN o.channel <> 'Store' AND total.net < 80 THEN 6.90 ELSE 0 END,
    coalesce(coupon.amount, 0)
FROM demo_order AS o
JOIN demo_net AS total USING (i)
LEFT JOIN demo_tier AS tier USING (i)
LEFT JOIN (SELECT i, sum(cents) / 100 AS amount FROM demo_share GROUP BY i) AS coupon USING (i)
JOIN sales_channel AS channel ON channel.name = o.channel
CROSS JOIN (SELECT array_agg(id ORDER BY id) AS ids FROM sales_salesperson) AS people
"""

INSERT_LINES = """
INSERT INTO sales_orderline (id, order_id, position, product_id, quantity, unit_price, discount_amount, coupon_share, unit_cost)
SELECT row_number() OVER (ORDER BY line.i, line.position), line.i, line.position, line.product_id, line.quantity, line.price, line.discount,
    coalesce(share.cents, 0) / 100, line.cost
FROM demo_line AS line
LEFT JOIN demo_share AS share ON share.i = line.i AND share.position = line.position
"""

# A return is a document of its own, days later; its first line always comes back, each other with one chance in three.
RETURNS = """
CREATE TEMP TABLE demo_return ON COMMIT DROP AS
SELECT o.id AS order_id, row_number() OVER (ORDER BY o.id) AS n, back.placed_at
FROM sales_order AS o
CROSS JOIN LATERAL (
    SELECT o.placed_at + make_interval(days => 4 + floor(pg_temp.chance('return after', o.id) * 30)::int) AS placed_at
) AS back
WHERE pg_temp.chance('return', o.id) < 0.05 AND o.status = 'completed' AND back.placed_at <= %(now)s
"""

INSERT_RETURNS = """
INSERT INTO sales_order (id, number, placed_at, customer_id, channel_id, salesperson_id, tier_id, status, country, shipping, coupon)
SELECT last.id + r.n, 'RT-' || 100000 + o.id, r.placed_at, o.customer_id, o.channel_id, o.salesperson_id, o.tier_id, 'completed', o.country, 0, 0
FROM demo_return AS r
JOIN sales_order AS o ON o.id = r.order_id
CROSS JOIN (SELECT max(id) AS id FROM sales_order) AS last
"""

INSERT_RETURN_LINES = """
INSERT INTO sales_orderline (id, order_id, position, product_id, quantity, unit_price, discount_amount, coupon_share, unit_cost, return_of_id)
SELECT last.id + row_number() OVER (ORDER BY line.id), document.id, line.position, line.product_id, -back, line.unit_price,
    -round((line.discount_amount + line.coupon_share) * back / line.quantity, 2), 0, line.unit_cost, line.id
FROM demo_return AS r
JOIN sales_order AS document ON document.number = 'RT-' || 100000 + r.order_id
JOIN sales_orderline AS line ON line.order_id = r.order_id
CROSS JOIN LATERAL (SELECT CASE WHEN pg_temp.chance('part', line.id) < 0.4 THEN 1 ELSE line.quantity END AS back) AS part
CROSS JOIN (SELECT max(id) AS id FROM sales_orderline) AS last
WHERE line.position = 1 OR pg_temp.chance('return line', line.id) < 0.33
"""

SEQUENCES = """
SELECT setval(pg_get_serial_sequence('sales_order', 'id'), (SELECT max(id) FROM sales_order)),
    setval(pg_get_serial_sequence('sales_orderline', 'id'), (SELECT max(id) FROM sales_orderline))
"""

STATEMENTS = (
    SLOTS,
    CUSTOMERS,
    CUSTOMER_NUMBERS,
    ORDERS,
    LINES,
    INDEX,
    COUPONS,
    NETS,
    TIERS,
    INSERT_ORDERS,
    INSERT_LINES,
    RETURNS,
    INSERT_RETURNS,
    INSERT_RETURN_LINES,
    SEQUENCES,
    "ANALYZE sales_customer; ANALYZE sales_order; ANALYZE sales_orderline",
)
