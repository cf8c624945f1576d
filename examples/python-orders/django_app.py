"""Django: gunicorn django_app:application"""

import os

from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.urls import path

from orders import store

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_settings")
regressions = store.chosen_regressions()


def order(_request, number):
    return JsonResponse(store.order(number, regressions))


urlpatterns = [
    path("healthz", lambda _request: HttpResponse("ok")),
    path("orders/<int:number>", order),
]

application = get_wsgi_application()
