"""Cells reach the database as they stand in the file, whatever marks they hold that COPY has a use for."""

import pytest

from jobs.models import Skill
from sales.models import Customer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["a\\b", "a\tb", "a\nb", "a\r\nb", "\\N", "\\.", "a\\tb", "{a,b}", 'a""b', "ü\u2028x"])
def test_cell_keeps_every_character(desk, name):
    report = desk.bring("customers", f'key,name\n1,"{name}"\n')
    assert (report.applied, Customer.objects.get().name) == (True, name.replace('""', '"'))


def test_words_of_a_list_keep_every_character(desk):
    desk.bring("jobs", 'title,skills\nBaker,"[""C\\\\D"", ""5\' 6\\"" tall"", ""NULL"", ""{x}""]"\n')
    assert set(Skill.objects.values_list("name", flat=True)) >= {"C\\D", "5' 6\" tall", "NULL", "{x}"}
