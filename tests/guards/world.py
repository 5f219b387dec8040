"""One of everything, so that every address of the product leads somewhere."""

from datetime import timedelta

from django.utils import timezone

from dashboard.changes import change_set
from dashboard.models import BulkRun, Import, ImportMap, ImportProblem
from jobs import pipeline
from jobs.models import Application, Candidate, Job, Pipeline, Skill
from sales.models import Category, Channel, Customer, Order, OrderLine, Product, Salesperson, Tier

MARKER = "zq'\"><svg onload=1>{{7*7}}"


def build(user, text: str = "Example") -> dict:
    """Rows of both sides whose every free text is `text`; returns the arguments that each URL pattern needs."""
    category = Category.objects.create(key="c1", name=text, default_price=5)
    product = Product.objects.create(sku="P1", name=text, category=category, price=10, cost=6, stock=5, reorder_point=9)
    Product.objects.create(sku="P2", name=text, category=category)
    tier = Tier.objects.create(name=text[:50], min_spend=0, discount=0)
    customer = Customer.objects.create(key="k1", name=text, city=text, country=text[:60], tier=tier)
    channel, salesperson = Channel.objects.create(name=text[:60]), Salesperson.objects.create(name=text)
    order = Order.objects.create(
        number="N1",
        placed_at=timezone.now() - timedelta(days=2),
        customer=customer,
        channel=channel,
        salesperson=salesperson,
        tier=tier,
        country=text[:60],
    )
    sold = OrderLine.objects.create(order=order, product=product, quantity=2, unit_price=10, unit_cost=6)
    back = Order.objects.create(number="N2", placed_at=timezone.now(), customer=customer, country=text[:60])
    OrderLine.objects.create(order=back, product=product, quantity=-1, unit_price=10, unit_cost=6, return_of=sold)
    application = hiring(user, text)
    with change_set(user, "category.renamed", f"renamed {text}") as change:
        change.count = Category.objects.update(name=text + " ")
        Skill.objects.create(name=text + " ")
    upload = Import.objects.create(user=user, entity="products", file_name=text[:100], stored_as="absent.csv", size=1, header=["sku", text])
    saved = ImportMap.objects.create(user=user, entity="products", name=text[:80], words={"columns": {"sku": "sku", "name": text}})
    ImportProblem.objects.create(source=upload, line=2, field="name", value=text, reason=text)
    with change_set(user, "product.repriced", f"repriced {text}") as repriced:
        repriced.count = Product.objects.filter(sku="P1").update(price=11)
    run = BulkRun.objects.create(user=user, side="sales", list_name="products", words="", sentence=text, rows=1, state="refused", reason=text)
    return {
        "bulk_run": run.pk,
        "sales:repriced": repriced.pk,
        **dict.fromkeys(("import", "import_columns", "import_check", "import_apply", "import_stop"), upload.pk),
        **dict.fromkeys(("import_correct", "import_refused", "import_map_save", "import_map_use"), upload.pk),
        **dict.fromkeys(("import_map_rename", "import_map_delete"), saved.pk),
        "sku": product.sku,
        "number": order.number,
        "slug": application.job.slug,
        "sales:customer": customer.pk,
        "sales:tier_save": tier.pk,
        "sales:tier_delete": tier.pk,
        "sales:category_price": category.pk,
        **dict.fromkeys((f"sales:product_{cell}" for cell in ("price", "cost", "stock", "reorder_point", "category")), product.pk),
        "sales:customer_tier": customer.pk,
        "jobs:candidate": application.candidate_id,
        "jobs:candidate_note": application.candidate_id,
        "jobs:application": application.pk,
        "change": change.pk,
        "undo_change": change.pk,
    }


def hiring(user, text: str) -> Application:
    """An open job with a skill, and one application with a note."""
    now = timezone.now()
    job = Job.objects.create(
        key="j1", title=text[:60], slug="example", department=text[:60], pipeline=Pipeline.objects.first(), status="open", openings=1,
        opened_at=now, published_at=now, country="NL", city=text[:60], description=text,
    )  # fmt: skip
    job.skills.add(Skill.objects.create(name=text))
    candidate = Candidate.objects.create(key="a1", full_name=text, email="ada@example.com")
    application = pipeline.enter(Application(job=job, candidate=candidate, key="a1"), user)
    application.notes.create(author=user, body=text)
    return application
