"""Questions about sums, as SQL.

A question has spans of time (the period, its base), keys to group by, and the columns to sum; its SQL reads the pieces of each span from
the source that sources.py chose. Values travel as parameters; the rest of the text comes from our own words alone.
"""
# ruff: noqa: S608 - see above

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dashboard.periods import Period

from .asking import Sql
from .covers import Piece
from .customer_packs import Chosen
from .scope import Scope
from .sources import Source, source_for

READ = "rows_read"
Spans = Mapping[str, tuple[Period, ...]]


@dataclass(frozen=True)
class Sums:
    """Sums of `columns` by `keys` (dimensions), once for each span; rows carry the number of their span as `side`.

    Who ordered is no sum: the column "customers" comes from a source of its own, in rows of its own. `among` names a relation whose `id`s are
    the only values of the first key to sum.
    """

    scope: Scope
    keys: tuple[str, ...]
    spans: Spans
    columns: frozenset[str]
    among: str = ""

    @property
    def parts(self) -> list[tuple[Source, frozenset[str]]]:
        """The sources that answer, each with its columns."""
        wanted = [self.columns - {"customers"}, self.columns & {"customers"}]
        if "orders" in self.columns and self._source(wanted[0]).is_facts:
            # Orders do not add up over products: they are counted on the lines. The rest does, and may still have a summary.
            wanted[:1] = [wanted[0] - {"orders"}, frozenset({"orders"})]
            if self._source(wanted[0]).is_facts:
                wanted[:2] = [wanted[0] | wanted[1]]
        return [(self._source(columns), columns) for columns in wanted if columns]

    def _source(self, columns: frozenset[str]) -> Source:
        return source_for(self.scope, frozenset(self.keys), columns)

    def pieces(self, source: Source) -> tuple[tuple[Piece, ...], ...]:
        """What a source reads for each span."""
        return tuple(tuple(source.pieces(periods, self.scope, frozenset(self.keys))) for periods in self.spans.values())

    def sql(self) -> Sql:
        """One SELECT with the columns side, the keys, those of `columns` in order, and rows_read."""
        parts = [self._part(source, columns) for source, columns in self.parts]
        return Sql(" UNION ALL ".join(part.text for part in parts), tuple(value for part in parts for value in part.values))

    @property
    def side_by_side(self) -> Sql | None:
        """One row for each value of the first key, the sums of each span prefixed by its name; None where no one summary has them all."""
        source, *others = (source for source, _ in self.parts)
        if others or source.is_facts or source.is_bits:
            return None
        found, sign = self._found(source)
        sums = ", ".join(
            f"coalesce(sales_sum(s.{column}{sign}) FILTER (WHERE piece.side = {side}), 0) AS {prefix}{column}"
            for side, prefix in enumerate(self.spans)
            for column in sorted(self.columns)
        )
        return Sql(f"SELECT {source.key(self.keys[0])} AS id, {sums}, count(*) AS {READ} {found.text} GROUP BY 1", found.values)

    def _part(self, source: Source, columns: frozenset[str]) -> Sql:
        if source.is_facts:
            return self._of_facts(source, columns)
        found, sign = self._found(source)
        keys = "".join(f", {source.key(key)} AS {key}" for key in self.keys)
        if source.is_bits:
            bits = f"SELECT piece.side{keys}, s.chunk, bit_or(s.bits) AS bits, count(*) AS rows {found.text} GROUP BY {self._grouped}, s.chunk"
            sums = self._listed({"customers": "sum(bit_count(bits))::bigint"})
            keys = "".join(f", {key}" for key in self.keys)
            text = f"SELECT side{keys}, {sums}, sum(rows)::bigint AS {READ} FROM ({bits}) chunk GROUP BY {self._grouped}"
        else:
            sums = self._listed({column: f"sales_sum(s.{column}{sign})" for column in columns})
            text = f"SELECT piece.side{keys}, {sums}, count(*) AS {READ} {found.text} GROUP BY {self._grouped}"
        return Sql(text, found.values)

    def _found(self, source: Source) -> tuple[Sql, str]:
        """FROM the rows `s` of every `piece` of every span, and what a sum is multiplied by where pieces are taken off."""
        pieces = [(side, piece) for side, listed in enumerate(self.pieces(source)) for piece in listed]
        values = [value for side, piece in pieces for value in (side, piece.sign, piece.grain, piece.period.start, piece.period.end)]
        rows = ", ".join(["(%s, %s::bigint, %s, %s::date, %s::date)"] * len(pieces))
        conditions, more = self._conditions(source)
        inside = " AND ".join(["s.grain = piece.grain", "s.start >= piece.first", "s.start < piece.after", *conditions])
        text = (
            f"FROM (VALUES {rows}) AS piece (side, sign, grain, first, after) "
            f"CROSS JOIN LATERAL (SELECT * FROM {source.relation} s WHERE {inside} OFFSET 0) s"
        )
        return Sql(text, (*values, *more)), " * piece.sign" if any(piece.sign < 0 for _, piece in pieces) else ""

    def _of_facts(self, source: Source, columns: frozenset[str]) -> Sql:
        """Each span on its own, its days in plain sight: the planner has to know how many of the lines it asks for."""
        texts, values = [], []
        conditions, more = self._conditions(source)
        keys = "".join(f", {source.key(key)} AS {key}" for key in self.keys)
        sums = self._listed({column: _of_lines(column) for column in columns})
        for side, periods in enumerate(self.spans.values()):
            days = " OR ".join(["s.start >= %s AND s.start < %s"] * len(periods))
            inside = " AND ".join([f"({days})", *conditions])
            texts.append(f"SELECT {side} AS side{keys}, {sums}, count(*) AS {READ} FROM {source.relation} s WHERE {inside} GROUP BY {self._grouped}")
            values += [day for period in periods for day in (period.start, period.end)] + more
        return Sql(" UNION ALL ".join(texts), tuple(values))

    def _conditions(self, source: Source) -> tuple[list[str], list]:
        texts, values = source.conditions(self.scope)
        if self.among:
            column = source.key(self.keys[0]) if source.is_facts else f"s.{self.keys[0]}_id"
            texts.append(f"{column} = ANY(ARRAY(SELECT id FROM {self.among}))")
        return texts, values

    @property
    def _grouped(self) -> str:
        return ", ".join(str(number) for number in range(1, len(self.keys) + 2))

    def _listed(self, sums: Mapping[str, str]) -> str:
        return ", ".join(f"{sums.get(column, '0::bigint')} AS {column}" for column in sorted(self.columns))


@dataclass(frozen=True)
class Page:
    """Groups by one key with its name, in an order, cut to a page; each with the sums of all spans, prefixed, and the number of groups.

    `order` is SQL over the prefixed columns and `label`, each with its direction. Where there may be very many groups, `ranked_by` names the
    columns that the order speaks of: all groups are ranked by these alone, and only those of the page get a name and all their sums. Ties
    are then settled by id. Where the groups of the page are `chosen` already, nothing is ranked.
    """

    sums: Sums
    table: str
    key: str
    text: str
    order: tuple[str, ...]
    ranked_by: frozenset[str] = frozenset()
    offset: int = 0
    limit: int | None = None
    chosen: Chosen | None = None

    def sql(self) -> Sql:
        """One SELECT: the group's id, key and label, the prefixed sums, group_count and all_read, the rows read for all groups."""
        if self.chosen:
            return self._of(Sql("SELECT unnest(%s::bigint[]) AS id, %s::bigint AS group_count, %s::bigint AS all_read", self._page_chosen))
        return self._of(self._ranked()) if self.ranked_by else self._named()

    def _named(self) -> Sql:
        groups = self._groups(self.sums)
        order = ", ".join([*self.order, "lower(label) NULLS LAST", "key NULLS LAST"])
        page = f"SELECT groups.*, {self._counts}, {self._names} FROM ({groups.text}) groups {self._join} WHERE {self._some}"
        return Sql(f"SELECT * FROM ({page}) groups ORDER BY {order} {self._cut}", groups.values)

    def _ranked(self) -> Sql:
        """The ids of the page, from all groups."""
        ranks = self._groups(replace(self.sums, columns=self.ranked_by | {"lines"}))
        page = f"SELECT id, {self._counts} FROM ({ranks.text}) groups WHERE {self._some} ORDER BY {self._order_by_id} {self._cut}"
        return Sql(page, ranks.values)

    def _of(self, page: Sql) -> Sql:
        """All sums and the names of the groups of a page."""
        groups = self._groups(replace(self.sums, among="page"))
        found = f"SELECT * FROM ({groups.text}) groups JOIN page USING (id)"
        named = f"SELECT groups.*, {self._names} FROM ({found}) groups {self._join}"
        return Sql(f"WITH page AS MATERIALIZED ({page.text}) {named} ORDER BY {self._order_by_id}", (*page.values, *groups.values))

    @property
    def _page_chosen(self) -> tuple:
        return list(self.chosen.ids), self.chosen.count, self.chosen.rows_read

    @property
    def _order_by_id(self) -> str:
        return ", ".join([*self.order, "groups.id"])

    def _groups(self, sums: Sums) -> Sql:
        """One row a group, its sums prefixed by their span."""
        if groups := sums.side_by_side:
            return groups
        part = sums.sql()
        listed = ", ".join(
            f"coalesce(sales_sum({column}) FILTER (WHERE side = {side}), 0) AS {prefix}{column}"
            for side, prefix in enumerate(sums.spans)
            for column in sorted(sums.columns)
        )
        return Sql(f"SELECT {sums.keys[0]} AS id, {listed}, sales_sum({READ}) AS {READ} FROM ({part.text}) sums GROUP BY 1", part.values)

    @property
    def _some(self) -> str:
        return " OR ".join(f"{prefix}lines > 0" for prefix in self.sums.spans)

    @property
    def _counts(self) -> str:
        return f"count(*) OVER () AS group_count, sum({READ}) OVER () AS all_read"

    @property
    def _names(self) -> str:
        key, label = (f"named.{self.key}", f"named.{self.text}") if self.table else ("nullif(groups.id, '')",) * 2
        return f"{key} AS key, {label} AS label"

    @property
    def _join(self) -> str:
        return f"LEFT JOIN {self.table} named ON named.id = groups.id" if self.table else ""

    @property
    def _cut(self) -> str:
        return f"OFFSET {self.offset} LIMIT {self.limit}" if self.limit is not None else ""


def _of_lines(column: str) -> str:
    """A column over order lines: orders and customers are counted there, each once."""
    if column in ("orders", "customers"):
        return f"count(DISTINCT s.{column.removesuffix('s')}_id) FILTER (WHERE s.kind IN ('sale', 'free'))"
    return f"sales_sum(s.{column})"
