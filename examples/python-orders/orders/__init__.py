"""An order service, once; flask_app, django_app and fastapi_app are three doors to it."""
