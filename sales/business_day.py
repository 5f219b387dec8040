"""The business day: the SQL functions `business_date` and `business_hour`, which know the company's time zone."""

from psycopg import sql


def set_zone(cursor, zone: str) -> None:
    """Make `business_date` and `business_hour` speak of `zone` (an IANA name). Stored dates keep the old zone until they are rewritten."""
    for name, result, body in (
        ("business_date", "date", "(moment AT TIME ZONE {zone})::date"),
        ("business_hour", "smallint", "extract(hour FROM moment AT TIME ZONE {zone})::smallint"),
    ):
        statement = (
            f"CREATE OR REPLACE FUNCTION {name}(moment timestamptz) RETURNS {result} LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN ({body})"
        )
        cursor.execute(sql.SQL(statement).format(zone=sql.Literal(zone)).as_string())
    cursor.execute(sql.SQL("COMMENT ON FUNCTION business_date(timestamptz) IS {}").format(sql.Literal(zone)).as_string())


def stored_zone(cursor) -> str:
    """The time zone `business_date` was made for."""
    cursor.execute("SELECT obj_description('business_date(timestamptz)'::regprocedure, 'pg_proc')")
    return cursor.fetchone()[0]
