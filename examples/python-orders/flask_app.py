"""Flask: gunicorn flask_app:app"""

from flask import Flask

from orders import store

app = Flask(__name__)
regressions = store.chosen_regressions()


@app.get("/healthz")
def healthz():
    return "ok"


@app.get("/orders/<int:number>")
def order(number):
    return store.order(number, regressions)
