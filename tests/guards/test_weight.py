"""What a list page weighs on its way to a browser: at most 40 kB compressed, in at most 6 requests."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from tests.sales.factories import make_product

LIMIT, REQUESTS = 40_000, 6
ASSET = re.compile(r'(?:src|href)="/static/([^"]+)"')


def weight(content: bytes) -> int:
    return len(gzip.compress(content))


@pytest.mark.parametrize("url", ["/sales/", "/sales/products/", "/sales/orders/", "/sales/customers/", "/jobs/", "/jobs/applications/", "/changes/"])
def test_list_page_is_light(admin_client, url):
    for number in range(30):
        make_product(f"Product number {number}", price=10, stock=number)
    page = admin_client.get(url)
    assets = set(ASSET.findall(page.content.decode()))
    files = {name: Path(finders.find(name)).read_bytes() for name in assets}
    assert len(assets) >= 3
    assert 1 + len(assets) <= REQUESTS
    assert weight(page.content) + sum(map(weight, files.values())) <= LIMIT
