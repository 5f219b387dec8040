"""What a cell may hold, and what is refused rather than guessed, truncated or rounded."""

import pytest

from dashboard.importing.kinds import Choice, Day, Email, Moment, Number, RefusedError, Text, WordList, YesNo, integer, readings


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Number(), "14", "14"),
        (Number(), "-9.8000000", "-9.8000000"),
        (Number(), ".5", ".5"),
        (Number().with_format("round"), "42.52999877929688", "42.5300"),
        (Number().with_format("round"), "0.00005", "0.0001"),
        (Number().with_format("1.234,56"), "-1.234.567,5", "-1234567.5"),
        (Number().with_format("1.234,56"), "1234,5", "1234.5"),
        (Number().with_format(["1,234.56", "round"]), "1,234.56789", "1234.5679"),
        (integer(), "12", "12"),
        (integer(), "+12.00", "+12"),
        (integer(), "-7", "-7"),
        (Text().with_format("integer"), "17850.0", "17850"),
        (Text().with_format("integer"), "17850.5", "17850.5"),
        (Text(3), "äöü", "äöü"),
        (Email(), "ada@company.test", "ada@company.test"),
        (Day(), "1996-07-04", "1996-07-04"),
        (Day(), "1996-07-04 00:00:00.000", "1996-07-04"),
        (Day().with_format("%d.%m.%Y"), "4.7.1996", "1996-07-04"),
        (Moment(), "2010-12-01 08:26:00", "2010-12-01T08:26:00+00:00"),
        (Moment(), "2010-12-01T08:26+02:00", "2010-12-01T06:26:00+00:00"),
        (Moment().with_format(["%m/%d/%Y", "%d/%m/%Y"]), "25/12/2010", "2010-12-25T00:00:00+00:00"),
        (Moment().with_format(["%m/%d/%Y", "%d/%m/%Y"]), "5/5/2010", "2010-05-05T00:00:00+00:00"),
        (YesNo(), "Yes", "t"),
        (YesNo(), "0", "f"),
        (Choice((("paid", "Paid up"),)), "PAID UP", "paid"),
        (WordList(), "['sql', 'SQL', 'c++']", ["sql", "c++"]),
        (WordList(), '["sql", "r, s"]', ["sql", "r, s"]),
        (WordList(), "sql; power  bi;; ", ["sql", "power bi"]),
        (WordList(), "sql, r", ["sql", "r"]),
        (WordList(), "sql", ["sql"]),
        (WordList(choices=(("full_time", "Full time"),)), "FULL TIME", ["full_time"]),
    ],
)
def test_cell_is_read(kind, text, value, settings):
    settings.TIME_ZONE = "UTC"
    assert kind.parse(text) == value


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        (Number(), "1.23456", "has 5 decimals, 4 are kept"),
        (Number(), "1,234.50", "is not a number"),
        (Number(), "1e3", "is not a number"),
        (Number(), "NaN", "is not a number"),
        (Number(), "٣", "is not a number"),
        (Number(), "12345678901", "has more than 10 digits before the point"),
        (Number(minimum=0), "-0.01", "is below 0"),
        (Number(maximum=1), "1.5", "is above 1"),
        (Number(above=0), "0", "is not above 0"),
        (Number().with_format("1.234,56"), "1.23", "is not a number"),
        (Number().with_format("1,234.56"), "1,23", "is not a number"),
        (integer(), "1.5", "has 1 decimals, a whole number is needed"),
        (integer(), "1_000", "is not a number"),
        (Text(3), "abcd", "has 4 characters, 3 fit"),
        (Email(), "ada at company", "is not an email address"),
        (Day(), "1996-02-30", "is not a date of the calendar"),
        (Day(), "0202-01-05", "is earlier than 1900"),
        (Moment(), "9999-12-31 23:00-05:00", "is beyond the calendar"),
        (Day(), "yesterday", "is not a date like 1996-07-04"),
        (Day(), "04/07/1996", "it could be %d/%m/%Y or %m/%d/%Y"),
        (Day(), "25/07/1996", "it could be %d/%m/%Y: say which"),
        (Day(), "20111209", "is not a date like 1996-07-04"),
        (Moment().with_format(["%m/%d/%Y", "%d/%m/%Y"]), "4/7/1996", "can be read by several formats: %m/%d/%Y, %d/%m/%Y"),
        (Moment().with_format("%m/%d/%Y"), "25/12/1996", "is neither YYYY-MM-DD nor %m/%d/%Y"),
        (YesNo(), "maybe", "is neither yes nor no"),
        (Choice((("paid", "Paid"),)), "owed", "is not one of paid"),
        (WordList(), "[1, 2]", "begins like a list and is none"),
        (WordList(), "[__import__('os')]", "begins like a list and is none"),
        (WordList(longest=3), "abcd", "holds a word of 4 characters, 3 fit"),
        (WordList(choices=(("a", "A"),)), "a, b", "holds b, which is not one of a"),
    ],
)
def test_cell_is_refused_with_the_reason(kind, text, reason):
    with pytest.raises(RefusedError) as refused:
        kind.parse(text)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("04/07/1996", ("%d/%m/%Y", "%m/%d/%Y")),
        ("13.07.96", ("%d.%m.%y",)),
        ("7-31-1996 8:05", ("%m-%d-%Y %H:%M",)),
        ("4/7/1996 8:05:09 PM", ("%d/%m/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M:%S %p")),
        ("40/40/1996", ()),
        ("July 4", ()),
    ],
)
def test_readings_of_a_date_are_those_that_give_a_real_day(text, forms):
    assert readings(text) == forms


def test_moment_without_a_zone_is_the_company_s_time(settings):
    settings.TIME_ZONE = "America/New_York"
    assert Moment().parse("2026-07-01 20:30") == "2026-07-02T00:30:00+00:00"


@pytest.mark.parametrize(("kind", "wanted"), [(Text(), "upper"), (Number(), "comma"), (Day(), "dmy"), (Day(), []), (YesNo(), "x")])
def test_unknown_format_says_which_there_are(kind, wanted):
    with pytest.raises(ValueError, match=r"format"):
        kind.with_format(wanted)
