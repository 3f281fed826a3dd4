"""The addresses that the shop answers."""

from django.urls import path

from shop import health, views

urlpatterns = [
    path("", views.page),
    path("items", views.items),
    path("version", views.version),
    path("healthz", health.alive),
    path("readyz", health.ready),
]
