"""Read by OpenTelemetry before the application is: it adds its middleware here."""

SECRET_KEY = "an example has no secrets"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "django_app"
MIDDLEWARE = []
