"""What customers ordered, packed: ids and sums of one rung as arrays, and what changed since they were packed. See sales/customer_packs.py."""

from django.db import migrations

COLUMNS = ("lines", "orders", "units", "gross", "discounts", "net", "cost", "costed_net")
# Numbers in a row do not compress well, and reading them is the point.
TABLES = f"""
CREATE TABLE sales_customer_pack (
    grain text NOT NULL,
    start date NOT NULL,
    ids bytea NOT NULL,
    {", ".join(f"{column} bytea NOT NULL" for column in COLUMNS)},
    PRIMARY KEY (grain, start)
);
ALTER TABLE sales_customer_pack {", ".join(f"ALTER {column} SET STORAGE EXTERNAL" for column in ("ids", *COLUMNS))};
CREATE TABLE sales_customer_unpacked (
    start date NOT NULL,
    customer_id bigint NOT NULL,
    {", ".join(f"{column} bigint NOT NULL" for column in COLUMNS)}
);

-- Without lines there is nothing to pack.
CREATE FUNCTION sales_empty_packs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE sales_customer_pack, sales_customer_unpacked;
    RETURN NULL;
END $$;
CREATE TRIGGER sales_line_truncated_packs AFTER TRUNCATE ON sales_orderline
    FOR EACH STATEMENT EXECUTE FUNCTION sales_empty_packs();
"""
GONE = """
DROP TRIGGER sales_line_truncated_packs ON sales_orderline;
DROP FUNCTION sales_empty_packs();
DROP TABLE sales_customer_pack;
DROP TABLE sales_customer_unpacked;
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0012_bare_marks")]

    operations = [migrations.RunSQL(TABLES, GONE)]
