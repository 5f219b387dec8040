"""CSV of a hundred thousand rows, streamed: seconds and memory of a process that does nothing else."""

import itertools
import time
from urllib.parse import urlencode

from django.db.models import Count
from django.test import Client
from django.urls import reverse

from sales.models import Order

from . import child
from .data import Setting
from .results import Findings
from .timing import Samples

TITLE = "CSV of 100,000 rows"
ROWS = 100_000


def run(setting: Setting) -> Findings:
    """The latest orders, as many days of them as hold a hundred thousand, and customers where there are as many."""
    client, findings = setting.client(), Findings()
    session = client.cookies["session"].value
    days = Order.objects.order_by("-placed_on").values_list("placed_on").annotate(n=Count("pk"))
    together = list(itertools.accumulate(days, lambda so_far, day: (day[0], so_far[1] + day[1]), initial=(None, 0)))[1:]
    first, count = next((day for day in together if day[1] >= ROWS), together[-1])
    path = f"{reverse('sales:orders')}?{urlencode({'from': first, 'to': together[0][0], 'export': 'csv'})}"
    answers = [child.call(setting.database, "downloads.download", path, session) for _ in range(setting.rounds)]
    seconds, peak = Samples(a["seconds"] for a in answers).median, max(a["more"] for a in answers)
    findings.at_most(f"CSV of {count:,} orders, for 100,000 rows of them", 1.5, seconds * ROWS / answers[0]["lines"], " s")
    findings.at_most("memory it took beyond what the process had before, at the peak", 64, peak, " MB")
    findings.say(
        "first part after",
        f"{Samples(a['first'] for a in answers).median:.2f} s; {answers[0]['bytes'] / 2**20:.0f} MB, {answers[0]['lines']:,} lines",
    )
    findings.say("memory of the whole process at the peak", f"{max(a['peak'] for a in answers):.0f} MB")
    return findings


def download(path: str, session: str) -> dict:
    """Read an export to its end, keeping nothing; after a page of the same list, so that all is imported."""
    client = Client()
    client.cookies["session"] = session
    b"".join(client.get(path.replace("export=csv", "")))
    before = child.memory("VmRSS")
    child.forget_peak()
    started, first, size, lines = time.perf_counter(), None, 0, 0
    for part in client.get(path).streaming_content:
        first = first or time.perf_counter() - started
        size += len(part)
        lines += part.count(b"\n")
    seconds = time.perf_counter() - started
    peak = child.memory("VmHWM")
    return {"seconds": seconds, "first": first, "bytes": size, "lines": lines, "peak": peak, "more": peak - before}
