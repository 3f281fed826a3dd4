"""What the kubelet asks: is the process alive, can this version serve?"""

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse

from shop.models import SHOWN, Item


def alive(_request: HttpRequest) -> JsonResponse:
    """Answer without the database: a slow database is no reason to restart the shop."""
    return JsonResponse({"status": "alive", "version": settings.SHOP_VERSION})


def ready(_request: HttpRequest) -> JsonResponse:
    """Read one item with every column of this version: before its migration, this version is not ready."""
    try:
        Item.objects.values(*SHOWN).first()
    except DatabaseError as error:
        reason = str(error).splitlines()[0]
        return JsonResponse({"status": "not ready", "reason": reason}, status=503)
    return JsonResponse({"status": "ready", "version": settings.SHOP_VERSION})
