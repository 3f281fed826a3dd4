"""Django settings, all that differs between places read from the environment."""

import os
from pathlib import Path

from website.database import django_database

SECRET_KEY = os.environ["SECRET_KEY"]
DATABASES = {"default": django_database(os.environ["DATABASE_URL"])}
SHOP_VERSION = os.environ.get("SHOP_VERSION", "development")

ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "website.urls"
INSTALLED_APPS = ["shop"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent.parent / "shop" / "templates"],
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
