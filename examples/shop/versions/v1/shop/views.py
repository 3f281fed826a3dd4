"""What visitors see: a page, the items as JSON, the version."""

import json

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from shop.models import SHOWN, Item

SHOWN_AT_ONCE = 12


def _stock() -> dict[str, int]:
    return Item.objects.aggregate(items=Count("id"), stock=Sum("stock", default=0))


def _first_items() -> list[dict[str, object]]:
    return list(Item.objects.order_by("id").values(*SHOWN)[:SHOWN_AT_ONCE])


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The shop window: the version, the stock and the first items."""
    rows = [list(item.values()) for item in _first_items()]
    headings = [column.replace("__", " ") for column in SHOWN]
    context = {"version": settings.SHOP_VERSION, "headings": headings, "rows": rows, **_stock()}
    return render(request, "shop/page.html", context)


@require_safe
def version(_request: HttpRequest) -> JsonResponse:
    """The version of the code that answers; does not ask the database."""
    return JsonResponse({"version": settings.SHOP_VERSION})


@csrf_exempt
@require_http_methods(["GET", "POST"])
def items(request: HttpRequest) -> JsonResponse:
    """GET: the stock and the first items. POST {"name", "price", "stock"}: a new item."""
    if request.method == "POST":
        return _new_item(request)
    return JsonResponse({"version": settings.SHOP_VERSION, **_stock(), "first": _first_items()})


def _new_item(request: HttpRequest) -> JsonResponse:
    try:
        sent = json.loads(request.body)
        item = Item(name=sent["name"], price=sent["price"], stock=sent.get("stock", 0))
        item.full_clean()
    except (AttributeError, KeyError, TypeError, ValueError, ValidationError):
        return JsonResponse({"error": 'send {"name": "Mug", "price": "4.50", "stock": 3}'}, status=400)
    item.save()
    return JsonResponse({"version": settings.SHOP_VERSION, "id": item.pk}, status=201)
