"""What fills the summaries: refresh of the marked days, rebuild of all, and the proof that both equal the facts.

One function recomputes days from the facts and adds the differences to the days and all rungs above; refresh and repair only choose the
days. Everything at once is whole.py's. A transaction lock lets one of them run at a time, which keeps "month = sum of its days" true; writers
and readers never wait.
"""
# ruff: noqa: S608 - names of tables and columns come from summaries.py; values travel as parameters

from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction

from dashboard.periods import Period, next_step, step_start

from . import business_day, customer_packs, distinct_customers, stored_totals, whole
from .summaries import COLUMNS, SUMMARIES, CategorySummary, CustomerSummary, keys_of, ladder_of, name_of
from .whole import ADDED, ANY, BY_LINE, BY_ORDER, EMPTY, LISTED, TAKEN, by_order, days_of, onto

MANY_DAYS = 30  # from here on the planner needs new statistics
LOCK = 7_201_404  # any number of our own: the transaction advisory lock of whoever writes summaries
TAKE_MARKS = """
WITH taken AS (DELETE FROM sales_summarymark RETURNING day, order_id, customer_id)
SELECT day, customer_id FROM taken WHERE day IS NOT NULL
UNION
SELECT o.placed_on, o.customer_id FROM taken JOIN sales_order o ON o.id = taken.order_id
"""


def refresh() -> int:
    """Bring the summaries up to every mark visible now; the number of days recomputed. Cheap when nothing is marked."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        _take_turn(cursor)
        cursor.execute(TAKE_MARKS)
        marks = cursor.fetchall()
        days = list({day for day, _ in marks})
        _settle_moves(cursor, days)
        if len(days) > max(MANY_DAYS, _stored_days(cursor) // 2):
            # As after a large import: all days together take half as long as each on its own.
            whole.rebuild(cursor, apart=outermost)
            stored_totals.rebuild(cursor)
        else:
            noting = customer_packs.noting(cursor, days)
            if days:
                _recompute(cursor, days, noting=noting)
            customer_packs.keep_up(cursor, () if noting else days)
            stored_totals.refresh(cursor, {customer for _, customer in marks if customer})
    return len(days)


def add(orders: str) -> None:
    """Count the orders that this transaction made, as its last step, so that nobody ever reads their days anew; `orders` is a query of their ids.

    Nobody else can see or change these orders, so what they add to any sum is what they hold. Sums and facts gain the same in one
    commit: a day that was right stays right, and a marked one stays as far from its facts as it was, for readers and for the refresh
    that its marks wait for. Only marks that name these orders go; nobody else can have made them. Whoever writes summaries waits for
    the lock, which is held until the commit: everything slow comes before.
    Left to the next refresh are orders of few days, which it and readers recompute at less cost, and the first of a company: nobody
    reads its reports yet, and empty summaries are filled in two halves side by side.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT placed_on), EXISTS (SELECT FROM sales_summary_total) FROM sales_order WHERE id IN ({orders})")
        days, is_begun = cursor.fetchone()
        if days <= MANY_DAYS or not is_begun:
            return
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # millions of references, which the commit would check under the lock
        _take_turn(cursor)
        whole.add(cursor, orders)
        cursor.execute(f"DELETE FROM sales_summarymark WHERE order_id IN ({orders})")


def rebuild(period: Period | None = None) -> int:
    """Recompute the days of `period` from the facts, and the rungs above them from their days; everything without `period`.

    Returns the number of days. Everything also follows a change of the company's time zone: the functions are made anew and every order
    gets its business day again.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        _take_turn(cursor)
        if period is None:
            moved = business_day.stored_zone(cursor) != settings.TIME_ZONE
            if moved:
                business_day.set_zone(cursor, settings.TIME_ZONE)
                cursor.execute("UPDATE sales_order SET placed_at = placed_at")
            cursor.execute("DELETE FROM sales_summarymark")
            cursor.execute("DELETE FROM sales_category_move")
            whole.rebuild(cursor, apart=outermost and not moved)
            days = _stored_days(cursor)
        else:
            days = list(_days(period))
            _recompute(cursor, days, noting=False)
            _sum_rungs(cursor, period)
            customer_packs.keep_up(cursor, days)
            days = period.days
        stored_totals.rebuild(cursor)
    return days


def broken(period: Period | None = None) -> list[str]:
    """The summaries equal the facts, their rungs the sums of their days; what is kept of customers equals both.

    A sentence for every stored row that is wrong, missing or too much; none is the proof. With `period`, only days in it and rungs that
    begin in it; days that are marked for a refresh are never compared.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        return whole.broken(cursor, period, apart=outermost)


def foreign_days() -> list[str]:
    """Business days are those of the company's time zone."""
    zone = stored_zone()
    if zone == settings.TIME_ZONE:
        return []
    return [f"Orders have their business days in {zone}, the company is in {settings.TIME_ZONE}: run `rollups rebuild`."]


def marked_days() -> int:
    """How many days wait for a refresh."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sales_marked_day")
        return cursor.fetchone()[0]


def stored_zone() -> str:
    """The time zone of the stored business days; when it is not the company's, everything has to be rebuilt."""
    with connection.cursor() as cursor:
        return business_day.stored_zone(cursor)


def _take_turn(cursor) -> None:
    """Wait until no other refresh runs, before anything is read: a snapshot taken earlier would miss what that one wrote."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    cursor.execute("SET LOCAL work_mem = '128MB'")


def _stored_days(cursor) -> int:
    cursor.execute("SELECT count(DISTINCT start) FROM sales_summary_total WHERE grain = 'day'")
    return cursor.fetchone()[0]


def _days(period: Period) -> Iterator[date]:
    return (period.start + timedelta(days=number) for number in range(period.days))


def _recompute(cursor, days: list[date], *, noting: bool) -> None:
    """Add what the facts of `days` say beyond the stored days to every rung, and drop the rows that became empty.

    With `noting`, what customers' days gained is noted beside their packs.
    """
    if len(days) > MANY_DAYS:
        # An import that has them locked has just done so, and may be waiting for our lock.
        cursor.execute("ANALYZE (SKIP_LOCKED) sales_order, sales_orderline")
    for statement in (_recompute_by_order(), *(_recompute_by_line(summary) for summary in BY_LINE)):
        cursor.execute(statement, {"days": days, "noting": noting})
    distinct_customers.refresh(cursor, days)
    for summary in SUMMARIES:
        cursor.execute(f"DELETE FROM sales_summary_{name_of(summary)} WHERE {EMPTY}")
        if len(days) > MANY_DAYS:
            cursor.execute(f"ANALYZE sales_summary_{name_of(summary)}")


def _sum_rungs(cursor, period: Period) -> None:
    """Make the rungs above days that `period` touches the sums of those below them."""
    for summary in SUMMARIES:
        table, keys = f"sales_summary_{name_of(summary)}", ", ".join(keys_of(summary))
        for grain, below in ladder_of(summary):
            span = Period(step_start(period.start, grain), next_step(step_start(period.last, grain), grain))
            where = {"grain": grain, "below": below, "start": span.start, "end": span.end}
            cursor.execute(f"DELETE FROM {table} WHERE grain = %(grain)s AND start >= %(start)s AND start < %(end)s", where)
            cursor.execute(
                f"INSERT INTO {table} (grain, start, {keys}, {', '.join(COLUMNS)}) "
                f"SELECT %(grain)s, sales_rung(%(grain)s, start), {keys}, {_sums()} FROM {table} "
                f"WHERE grain = %(below)s AND start >= %(start)s AND start < %(end)s GROUP BY 2, {keys}",
                where,
            )


def _sums() -> str:
    return ", ".join(f"sales_sum({column})" for column in COLUMNS)


def _settle_moves(cursor, days: list[date]) -> None:
    """Count products that moved to another category there, on all days but these, which are recomputed.

    One statement takes the moves and reads what they change: a move that is made meanwhile is in neither, and in no recomputed day (by_line).
    """
    cursor.execute("SELECT EXISTS (SELECT FROM sales_category_move)")
    if cursor.fetchone()[0]:
        change = "change AS MATERIALIZED (SELECT * FROM sales_moved_category(%(days)s::date[])), taken AS (DELETE FROM sales_category_move)"
        cursor.execute(f"WITH {change} {_added(CategorySummary, 'change')}", {"days": days})
        cursor.execute(f"DELETE FROM sales_summary_category WHERE {EMPTY}")


def _recompute_by_order() -> str:
    """One statement for all summaries whose keys belong to the order: the lines are read once and grouped by order and kind."""
    parts = [f"WITH by_order AS MATERIALIZED ({by_order('{day} = ANY(%(days)s)')})"]
    for summary in BY_ORDER:
        name = name_of(summary)
        parts.append(f"fresh_{name} AS ({days_of(summary, 'by_order')})")
        parts.append(f"change_{name} AS ({_change(summary, f'fresh_{name}')})")
        parts.append(f"added_{name} AS ({_added(summary, f'change_{name}')})")
    parts.append(f"noted AS ({customer_packs.NOTED.format(change=f'change_{name_of(CustomerSummary)}')})")
    return ",\n".join(parts) + "\nSELECT"


def _recompute_by_line(summary) -> str:
    relation = "sales_settled_category" if summary is CategorySummary else f"sales_fresh_{name_of(summary)}"
    fresh = f"SELECT * FROM {relation} WHERE start = ANY(%(days)s)"
    return f"WITH fresh AS ({fresh}), change AS ({_change(summary, 'fresh')}) {_added(summary, 'change')}"


def _change(summary, fresh: str) -> str:
    """What a relation of fresh days says beyond the stored days of a summary."""
    keys = ", ".join(keys_of(summary))
    stored = f"FROM sales_summary_{name_of(summary)} WHERE grain = 'day' AND start = ANY(%(days)s)"
    return f"""
        SELECT start, {keys}, {ADDED}
        FROM (SELECT start, {keys}, {LISTED} FROM {fresh} UNION ALL SELECT start, {keys}, {TAKEN} {stored}) both_sides
        GROUP BY start, {keys}
        HAVING {ANY}
    """


def _added(summary, change: str) -> str:
    """Add a change of days to all rungs of a summary."""
    keys = ", ".join(keys_of(summary))
    return f"""
        INSERT INTO sales_summary_{name_of(summary)} AS stored (grain, start, {keys}, {LISTED})
        SELECT rung.grain, sales_rung(rung.grain, start), {keys}, {_sums()}
        FROM {change} CROSS JOIN (VALUES {", ".join(f"('{grain}')" for grain in summary.rungs)}) AS rung (grain)
        GROUP BY 1, 2, {keys}
        {onto(summary)}
    """
