"""The business day: the SQL function `business_date(timestamptz)`, which knows the company's time zone."""

from psycopg import sql


def set_zone(cursor, zone: str) -> None:
    """Make `business_date` give dates in `zone` (an IANA name). Stored dates keep the old zone until they are rewritten."""
    cursor.execute(
        sql.SQL(
            "CREATE OR REPLACE FUNCTION business_date(moment timestamptz) RETURNS date "
            "LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN ((moment AT TIME ZONE {})::date)"
        )
        .format(sql.Literal(zone))
        .as_string()
    )
    cursor.execute(sql.SQL("COMMENT ON FUNCTION business_date(timestamptz) IS {}").format(sql.Literal(zone)).as_string())


def stored_zone(cursor) -> str:
    """The time zone `business_date` was made for."""
    cursor.execute("SELECT obj_description('business_date(timestamptz)'::regprocedure, 'pg_proc')")
    return cursor.fetchone()[0]
