"""One page."""

import os

from django.http import HttpRequest, JsonResponse
from django.urls import path

from widgets.models import Widget


def index(request: HttpRequest):
    """Answer with the application's version, as soon as the widgets can be read."""
    widgets = Widget.objects.filter(price_cents__gte=0).count()
    return JsonResponse({"version": os.environ["APP_VERSION"], "widgets": widgets})


urlpatterns = [path("", index)]
