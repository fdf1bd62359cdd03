"""The page of an incident as Django makes it: the same head, days, forty entries and
twelve sources with the same markup, from tables of their own, with its ORM and seven
queries, its own middleware as "startproject" sets it up, and what our answers have:
gzip and a tag. The clock, the margin and the foot of our page stand in the template as
they are, which costs Django nothing. Started by the bench with gunicorn."""

import os
from urllib.parse import urlsplit

from django.conf import settings

settings.configure(
    DEBUG=False,
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="only for a measurement",
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    LANGUAGE_CODE="fr",
    LANGUAGES=[("fr", "Français"), ("ar", "العربية"), ("en", "English")],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages"],
    # As startproject writes them, with the two of the manual for what we answer with:
    # gzip, and a tag.
    MIDDLEWARE=[
        "django.middleware.http.ConditionalGetMiddleware",
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
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
from django.views.decorators.gzip import gzip_page  # noqa: E402


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
    kind = models.TextField()
    language = models.TextField()
    published = models.DateField()

    class Meta(Table.Meta):
        abstract = False
        db_table = "sources"


class Entry(Table):
    incident = models.ForeignKey(Incident, models.CASCADE)
    key = models.TextField()
    kind = models.TextField()
    attestation = models.TextField()
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


TEMPLATE = Engine(builtins=["django.templatetags.i18n"]).from_string("""{% get_current_language as lang %}<!doctype html><html lang="{{ lang }}" dir="ltr"><head><meta charset="utf-8"><title>{{ i.title }} · Sijil</title><meta name="description" content="{{ i.summary }}"><link rel="canonical" href="https://sijil.example{% url "cold" i.slug %}">{% for code, name in languages %}<link rel="alternate" hreflang="{{ code }}" href="https://sijil.example{% url "cold" i.slug %}">{% endfor %}<meta property="og:title" content="{{ i.title }}"><meta property="og:image" content="https://sijil.example{% url "cold" i.slug %}/card.png"></head>
<body><main id="_content" class="page wrap" tabindex="-1"><article><header class="record-head"><p class="rubric"><span>{{ i.standing|capfirst }}</span><span>{% translate "Classement du registre (RSIT)" %} : {% for k in kinds %}{% translate k.code %}{% if not forloop.last %}, {% endif %}{% endfor %}</span></p><h1>{{ i.title }}</h1><p class="standfirst">{{ i.summary }}</p></header>
<nav class="no-print" aria-label="{% translate "Filtrer la chronologie par type" %}"><ul class="filter-chips"><li><a class="chip" href="{% url "cold" i.slug %}#_timeline" aria-current="true">{% translate "Tout" %} <span class="num">{{ count }}</span></a></li>{% for k in counts %}<li><a class="chip k-{{ k.kind }}" href="?kind={{ k.kind|urlencode }}#_timeline">{% translate k.kind %} <span class="num">{{ k.n }}</span></a></li>{% endfor %}</ul></nav>
{% regroup entries by day as days %}{% for d in days %}<section class="day"><div><h3><time datetime="{{ d.grouper|date:"Y-m-d" }}">{{ d.grouper|date:"l j F Y"|capfirst }}</time></h3><p>{% blocktranslate count n=d.list|length %}{{ n }} entrée{% plural %}{{ n }} entrées{% endblocktranslate %}</p></div><ol>{% for e in d.list %}<li class="entry k-{{ e.kind }}" id="{{ e.key }}"><p class="p--exact">{{ e.day|date:"j F" }}</p><p><b>{% translate e.kind %}</b> <span class="tag--{{ e.attestation }}">{% translate e.attestation %}</span></p><h4>{{ e.title }}</h4><p>{{ e.body }}</p><p class="meta"><a href="#{{ e.key }}">§ {{ e.number }}</a> · {% translate "Sources" %} : {% for s in e.cited %}<a href="#_n{{ s.number }}">{{ s.publisher }} [{{ s.number }}]</a>{% if not forloop.last %}, {% endif %}{% endfor %} ({% for code in e.languages %}{% translate code %}{% if not forloop.last %}, {% endif %}{% endfor %})</p></li>{% endfor %}</ol></section>{% endfor %}
<section class="section" id="_sources"><h2>{% translate "Sources et pièces" %}</h2><ol class="source-list">{% for s in sources %}<li id="_n{{ s.number }}"><b>{{ s.publisher }}</b>, <a href="{{ s.url }}" rel="nofollow">{{ s.host }}</a> <small>{% translate s.kind %}, {% translate s.language %}, {{ s.published|date:"j F Y" }}.</small> {{ s.gist }}</li>{% endfor %}</ol></section>
</article></main>{{ rest|safe }}</body></html>""")

with open(os.environ["BENCH_PAGE"], encoding="utf-8") as f:
    OURS = f.read()


def draw(slug):
    incident = Incident.objects.get(slug=slug)
    kinds = list(Kind.objects.filter(incident=incident))
    entries = list(Entry.objects.filter(incident=incident).order_by("day", "id"))
    cited = {}
    for c in Citation.objects.filter(entry__incident=incident).select_related("source").order_by("id"):
        cited.setdefault(c.entry_id, []).append(c.source)
    counts = list(Entry.objects.filter(incident=incident).values("kind").annotate(n=models.Count("id")))
    last = Entry.objects.filter(incident=incident).aggregate(last=models.Max("day"))["last"]
    sources = {s.id: s for s in Source.objects.all()}
    # Sources have the numbers in which the entries cite them first.
    numbers = {}
    for number, e in enumerate(entries, 1):
        e.number, e.cited = number, cited.get(e.id, [])
        for s in e.cited:
            s.number = numbers.setdefault(s.id, len(numbers) + 1)
        e.languages = sorted({s.language for s in e.cited})
    for s in sources.values():
        s.number, s.host = numbers.setdefault(s.id, len(numbers) + 1), urlsplit(s.url).netloc
    sources = sorted(sources.values(), key=lambda s: s.number)
    values = {
        "i": incident, "kinds": kinds, "entries": entries, "counts": counts, "last": last, "sources": sources, "count": len(entries), "languages": settings.LANGUAGES,
    }
    return TEMPLATE.render(Context({**values, "rest": REST}))


REST = ""


def show(_, slug):
    return HttpResponse(draw(slug))


# The tag is made of the whole page, and the page is packed for who asks for that: inside
# of the cache, so that what is kept is packed already.
urlpatterns = [
    path("cold/<slug>", gzip_page(show), name="cold"),
    path("cached/<slug>", cache_page(3600)(gzip_page(show)), name="cached"),
]
REST = OURS[-max(0, len(OURS) - len(draw(os.environ["BENCH_SLUG"]))):].replace("<", "&lt;")
application = get_wsgi_application()
