"""The page of an incident as Django makes it: the same forty entries and twelve
sources, in tables of their own, with its ORM and seven queries, at the size of our page.
What our page has around its entries stands in the template as it is, which costs Django
nothing. Started by the bench with gunicorn."""

import os

from django.conf import settings

settings.configure(
    DEBUG=False,
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="only for a measurement",
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=[],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["BENCH_HOST"],
            "PORT": os.environ["BENCH_PORT"],
            "NAME": os.environ["BENCH_NAME"],
            "USER": os.environ["BENCH_USER"],
            "CONN_MAX_AGE": None,
            "OPTIONS": {"options": "-c search_path=bench"},
        }
    },
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)

import django  # noqa: E402

django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.template import Context, Engine  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.cache import cache_page  # noqa: E402


class Table(models.Model):
    class Meta:
        abstract = True
        app_label = "bench"
        managed = False


class Incident(Table):
    slug = models.TextField()
    title = models.TextField()
    summary = models.TextField()
    standing = models.TextField()

    class Meta(Table.Meta):
        abstract = False
        db_table = "incidents"


class Kind(Table):
    incident = models.ForeignKey(Incident, models.CASCADE)
    code = models.TextField()

    class Meta(Table.Meta):
        abstract = False
        db_table = "kinds"


class Source(Table):
    key = models.TextField()
    publisher = models.TextField()
    url = models.TextField()
    gist = models.TextField()
    published = models.DateField()

    class Meta(Table.Meta):
        abstract = False
        db_table = "sources"


class Entry(Table):
    incident = models.ForeignKey(Incident, models.CASCADE)
    key = models.TextField()
    kind = models.TextField()
    day = models.DateField()
    title = models.TextField()
    body = models.TextField()

    class Meta(Table.Meta):
        abstract = False
        db_table = "entries"


class Citation(Table):
    entry = models.ForeignKey(Entry, models.CASCADE)
    source = models.ForeignKey(Source, models.CASCADE)

    class Meta(Table.Meta):
        abstract = False
        db_table = "citations"


TEMPLATE = Engine().from_string("""<!doctype html><html lang="fr"><title>{{ i.title }}</title><main>
<h1>{{ i.title }}</h1><p>{{ i.summary }}</p><p>{{ i.standing }} · {{ count }} · {{ last|date:"j F Y" }}</p>
<ul>{% for k in kinds %}<li>{{ k.code }}</li>{% endfor %}</ul><ul>{% for k in counts %}<li>{{ k.kind }} {{ k.n }}</li>{% endfor %}</ul>
<ol>{% for e in entries %}<li class="entry" id="{{ e.key }}"><article><time datetime="{{ e.day|date:"Y-m-d" }}">{{ e.day|date:"j F Y" }}</time>
<h3><a href="#{{ e.key }}">{{ e.title }}</a></h3><p>{{ e.body }}</p><ul>{% for s in e.cited %}<li><a href="#{{ s.key }}">{{ s.publisher }}</a></li>{% endfor %}</ul>
</article></li>{% endfor %}</ol>
<ol>{% for s in sources %}<li id="{{ s.key }}"><a href="{{ s.url }}">{{ s.publisher }}</a>, <time>{{ s.published|date:"j F Y" }}</time>. {{ s.gist }}</li>{% endfor %}</ol>
</main>{{ rest|safe }}</html>""")

with open(os.environ["BENCH_PAGE"], encoding="utf-8") as f:
    OURS = f.read()


def draw(slug):
    incident = Incident.objects.get(slug=slug)
    kinds = list(Kind.objects.filter(incident=incident))
    entries = list(Entry.objects.filter(incident=incident).order_by("day", "id"))
    cited = {}
    for c in Citation.objects.filter(entry__incident=incident).select_related("source"):
        cited.setdefault(c.entry_id, []).append(c.source)
    for e in entries:
        e.cited = cited.get(e.id, [])
    counts = list(Entry.objects.filter(incident=incident).values("kind").annotate(n=models.Count("id")))
    last = Entry.objects.filter(incident=incident).aggregate(last=models.Max("day"))["last"]
    sources = list(Source.objects.order_by("id"))
    values = {
        "i": incident, "kinds": kinds, "entries": entries, "counts": counts, "last": last, "sources": sources, "count": len(entries),
    }
    return TEMPLATE.render(Context({**values, "rest": REST}))


REST = ""
REST = OURS[-max(0, len(OURS) - len(draw(os.environ["BENCH_SLUG"]))):].replace("<", "&lt;")


def show(_, slug):
    return HttpResponse(draw(slug))


urlpatterns = [path("cold/<slug>", show), path("cached/<slug>", cache_page(3600)(show))]
application = get_wsgi_application()
