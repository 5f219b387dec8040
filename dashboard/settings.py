"""All of Django's settings, made from the environment alone; how a value is read and checked is environment.py's business."""

from datetime import timedelta

from django.utils.csp import CSP

from dashboard import environment, postgres

BASE_DIR = postgres.BASE_DIR
DATA_DIR = environment.data_dir()
DEBUG = environment.flag("DEBUG")

# --- The company -----------------------------------------------------------------------------------------------------
TIME_ZONE = environment.time_zone()
CURRENCY = environment.currency()
LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True

# --- Who may ask, and how safe the way must be -----------------------------------------------------------------------
SECRET_KEY = environment.secret_key(DATA_DIR)
ALLOWED_HOSTS = environment.allowed_hosts()
# A site with a name of its own is served over HTTPS; one that only this machine can reach is not. SECURE=0 is for a trusted
# network without certificates.
SECURE = environment.flag("SECURE", default=not all(map(environment.is_loopback, ALLOWED_HOSTS)))
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
# The prefix makes browsers refuse the cookie without Secure, with a domain or from a subdomain; it needs HTTPS.
COOKIE_PREFIX = "__Host-" if SECURE else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_ENGINE = "dashboard.sessions"
SESSION_IDLE = 60 * environment.number("SESSION_IDLE_MINUTES", 30, least=1, most=12 * 60)
SESSION_LONGEST = SESSION_COOKIE_AGE = 12 * 3600
SESSION_LONGEST_STAFF = 4 * 3600
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "dashboard.views.csrf_failure"

# --- Application -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "dashboard",
    "sales",
    "jobs",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "django_tables2",
    "django_filters",
    "heroicons",
    "django_tasks_db",
    "axes",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "dashboard.sessions.VisitMiddleware",
    "dashboard.sessions.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.middleware.ShellMiddleware",
    "dashboard.middleware.AdminChangesMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "dashboard.pages.Templates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["dashboard.templatetags.dashboard"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.csp",
                "dashboard.context.shell",
            ],
        },
    }
]
DJANGO_TABLES2_TEMPLATE = "partials/_table.html"

# --- Database --------------------------------------------------------------------------------------------------------
EMBEDDED = not environment.text("DATABASE_URL")
DATABASES = {"default": postgres.database(DATA_DIR) if EMBEDDED else environment.database("DATABASE_URL")}
postgres.set_limits(DATABASES["default"], embedded=EMBEDDED)
# Accepted and checked now; reads move there once the router that keeps a person's own writes visible exists.
REPLICA = environment.database("REPLICA_URL") if environment.text("REPLICA_URL") else None

# --- Accounts --------------------------------------------------------------------------------------------------------
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:login"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "dashboard.sessions.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "dashboard.validators.PasswordPolicy"},
]
PASSWORD_RESET_TIMEOUT = 3600
AXES_HANDLER = "dashboard.throttle.Handler"
AXES_CLIENT_IP_CALLABLE = "dashboard.throttle.client_address"
AXES_LOCKOUT_CALLABLE = "dashboard.throttle.too_many"
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_VERBOSE = False

# --- Files, mail, background work, logs ------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_STORAGE = "django.contrib.staticfiles.storage.StaticFilesStorage"
if not DEBUG:
    STATIC_STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"
UPLOADS = {"location": DATA_DIR / "uploads", "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": UPLOADS},
    "staticfiles": {"BACKEND": STATIC_STORAGE},
}
MEDIA_ROOT = DATA_DIR / "uploads"
MAILERS = {"default": environment.mailer()}
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.text("EMAIL_FROM", "Tallyboard <tallyboard@localhost>")
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# What the worker does without being asked: a function and its period in seconds.
CHORES = [
    ("sales.rollups.refresh", 1),
    ("dashboard.upkeep.tidy", 24 * 3600),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}},
    "root": {"handlers": ["stdout"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["stdout"], "level": "INFO", "propagate": False},
        "axes": {"level": "WARNING"},
        "django_tasks_db": {"level": "WARNING"},
    },
}
